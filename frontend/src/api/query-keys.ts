/** The names under which answers are cached; notices invalidate by their prefixes. */
export const queryKeys = {
  me: ['me'] as const,
  limits: ['limits'] as const,
  apiKeys: ['api-keys'] as const,
  voiceStatus: ['voice-status'] as const,
  conversationLists: ['conversations'] as const,
  conversationList: (search: string, archived: boolean) => ['conversations', search, archived] as const,
  conversation: (id: string) => ['conversation', id] as const,
  items: (id: string) => ['conversation', id, 'items'] as const,
  voiceSessions: ['voice-sessions'] as const,
  review: ['review'] as const,
  reviewList: (filters: object) => ['review', 'list', filters] as const,
  reviewConversation: (id: string) => ['review', 'conversation', id] as const,
};
