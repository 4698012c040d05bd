// npm's `openai` over plain HTTP: mints a client secret and lists models. Environment:
// OPENAI_BASE_URL, OPENAI_API_KEY. Prints JSON.

import OpenAI from 'openai';

const client = new OpenAI();
const minted = await client.realtime.clientSecrets.create({
  expires_after: { anchor: 'created_at', seconds: 60 },
  session: { type: 'realtime', instructions: 'Be brief.' },
});
const models = await client.models.list();
const refused = await new OpenAI({ apiKey: 'va_wrong', maxRetries: 0 }).models
  .list()
  .catch((error) => ({ status: error.status, code: error.code }));
console.log(
  JSON.stringify({
    value: minted.value,
    expires_at: minted.expires_at,
    instructions: minted.session.instructions,
    models: models.data.map(({ id }) => id),
    refused: { status: refused.status, code: refused.code },
  }),
);
