// The peer everyone knows: a relay on Node and `ws`, as short as it can honestly be. Frames that come
// before the provider has answered wait; text stays text; either side's close closes the other.
// No sign-in, no policy, no limits, no recording.
//
// Run as `node relay.mjs PORT PROVIDER_URL`.
import { WebSocket, WebSocketServer } from "ws";

const [port, providerUrl] = process.argv.slice(2);
const plain = { perMessageDeflate: false, maxPayload: 32 * 1024 * 1024 };
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(port), backlog: 4096, ...plain });

function closeCode(code) {
  return code === 1005 || code === 1006 ? 1000 : code;
}

server.on("connection", (client) => {
  const provider = new WebSocket(providerUrl, plain);
  let early = [];
  client.on("message", (data, isBinary) => {
    if (early === null) provider.send(data, { binary: isBinary });
    else early.push([data, isBinary]);
  });
  provider.on("open", () => {
    for (const [data, isBinary] of early) provider.send(data, { binary: isBinary });
    early = null;
  });
  provider.on("message", (data, isBinary) => client.send(data, { binary: isBinary }));
  client.on("close", (code, reason) => provider.close(closeCode(code), reason));
  provider.on("close", (code, reason) => client.close(closeCode(code), reason));
  client.on("error", () => provider.terminate());
  provider.on("error", () => client.terminate());
});
