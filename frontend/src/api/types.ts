import type { components } from './schema.d.ts';

/** What the server sends, by the names the pages use; the shapes come from its own schema. */
type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type Permission = Schemas['PermissionsEnum'];
export type Person = Schemas['Person'];
export type VoiceStatus = Schemas['Status'];
export type ApiKey = Schemas['ApiKey'];
export type ApiKeyScope = Schemas['ScopesEnum'];
export type ApiKeyWish = Schemas['ApiKeyWishRequest'];
/** `key` is the secret itself. */
export type IssuedApiKey = Schemas['IssuedApiKey'];
export type Limits = Readonly<Record<string, unknown>>;

export type Conversation = Schemas['Conversation'];
/** `heard_text` is the part of `text` that was played before an interruption; null when there was none. */
export type Item = Schemas['Item'];
/** Of a conversation: all items, or what has changed `since`. */
export type ItemsAnswer = Schemas['Transcript'];

export type Webhook = Schemas['Endpoint'];
export type WebhookWish = Schemas['EndpointWishRequest'];
export type WebhookChanges = Partial<WebhookWish>;
/** `secret` is the signing secret itself. */
export type IssuedWebhook = Schemas['IssuedEndpoint'];
export type WebhookDelivery = Schemas['Delivery'];
export type WebhookAttempt = Schemas['Attempt'];

export interface Page<T> {
  count: number;
  next?: string | null;
  previous?: string | null;
  results: T[];
}

/** What every page needs to know of a session, whoever looks. */
export type VoiceSession = Pick<
  Schemas['ReviewSession'],
  'session_id' | 'conversation_id' | 'state' | 'end_reason' | 'end_note' | 'started_at' | 'ended_at' | 'model'
>;

/** One of one's own. Text-only: typed outside a call. */
export type OwnSession = VoiceSession & { isTextOnly: boolean };

/** What may be asked of a new session; the server fills in the rest. */
export type RealtimeSessionOptions = Partial<Schemas['MintRequest']>;
export type VoiceConfig = Schemas['VoiceConfig'];
/** `api_key` is a secret: hold it in memory for the opening of one session and show it nowhere. `expires_at` is unix seconds. */
export type RealtimeSessionGrant = Schemas['Minted'];

export type ReviewSession = Schemas['ReviewSession'];
/** A row of the review's list; `session` is the newest one. */
export type ReviewConversation = Schemas['ReviewConversation'];
export type ReviewTranscript = Schemas['ReviewTranscript'];
/** A row of the call list; `snippet` is where the search found something, else the user's first words. */
export type ReviewCall = Schemas['Call'];
export type ReviewTag = Schemas['Tag'];
export type CallSnippet = Schemas['Snippet'];
export type CallSummary = Schemas['CallSummary'];
export type CallChoices = Schemas['CallChoices'];
export type CallNeighbours = Schemas['Neighbours'];
/** One call with what was said, measured, paid, noted and seen. */
export type OneCall = Schemas['OneCall'];
export type CallAnswerTime = OneCall['latency'][number];
export type CallWaterfall = Schemas['Waterfall'];
export type CallTurn = CallWaterfall['turns'][number];
export type CallEvents = Schemas['EventPage'];
export type CallEvent = CallEvents['results'][number];
export type CallUsage = OneCall['usage'][number];
export type CallContext = NonNullable<OneCall['context_sent']>;
export type CallReviewState = NonNullable<OneCall['review']>;
export type LineComment = OneCall['comments'][number];
export type CallAccess = OneCall['access'][number];
export type SavedView = Schemas['SavedView'];
export type BulkWish = Schemas['BulkRequest'];
export type BulkResult = Schemas['BulkResult'];
/** A running call, without words. */
export type LiveCall = Schemas['LiveCall'];
export type LiveFloor = Schemas['LiveFloor'];
/** One line of a running call as far as it has come. */
export type LiveLine = Schemas['LiveLine'];
export type OpenedCall = Schemas['OpenedCall'];
export type UsageBoard = Schemas['UsageBoard'];
export type UsageNumbers = Schemas['Numbers'];
/** What one has used and has left; null where nothing limits it. */
export type OwnUsage = Schemas['OwnUsage'];
/** An export of many calls; `download_url` is null before it is done. */
export type CallExport = Schemas['Export'];
/** A reviewer's look at a conversation of one's own. */
export type OwnAccess = Schemas['OwnAccess'];

/** What an administrator sets. `changed` names what is not as the server was started. */
export type AdminVoice = Schemas['Voice'];
export type VoiceChanges = Schemas['PatchedVoiceChangesRequest'];
/** `detail` is a sentence either way. */
export type ProviderCheck = Schemas['Probed'];
export type KnownModel = Schemas['Model'];
/** US dollars per million tokens; `audio_minute` per minute. */
export type ModelPrice = Schemas['Price'];
export type KnownVoice = Schemas['VoiceRow'];
/** `group` null: everybody else. What is empty is the server's. */
export type GroupLimits = Schemas['GroupLimits'];
export type GroupLimitsChanges = Omit<Schemas['PatchedGroupLimitsChangesRequest'], 'group'>;
export type ServerLimits = Schemas['Limits'];
export type RetentionClass = Schemas['RetentionClass'];
export type RetentionPreview = Schemas['Swept'];
export type AuditEntry = Schemas['AuditEntry'];
