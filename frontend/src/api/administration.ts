import { answer, api } from './client.ts';
import type {
  AdminVoice,
  AuditEntry,
  GroupLimits,
  GroupLimitsChanges,
  KnownModel,
  KnownVoice,
  ModelPrice,
  Page,
  ProviderCheck,
  RetentionClass,
  RetentionPreview,
  ServerLimits,
  VoiceChanges,
} from './types.ts';

/** What holds for voice on this server, and how its provider does. */
export const fetchAdminVoice = (): Promise<AdminVoice> => answer(api.GET('/api/admin/voice/'));

/** What is absent stays; null goes back to what the server was started with. */
export const changeAdminVoice = (changes: VoiceChanges): Promise<AdminVoice> =>
  answer(api.PATCH('/api/admin/voice/', { body: changes }));

/** Has the server ask its provider for a session now. */
export const checkProvider = (): Promise<ProviderCheck> => answer(api.POST('/api/admin/provider/check/'));

export const fetchKnownModels = (): Promise<readonly KnownModel[]> => answer(api.GET('/api/admin/models/'));

export const addModel = (name: string, kind: KnownModel['kind']): Promise<KnownModel> =>
  answer(api.POST('/api/admin/models/', { body: { name, kind } }));

export const changeModel = (
  id: number,
  changes: { enabled?: boolean; retires_on?: string | null; note?: string },
): Promise<KnownModel> =>
  answer(api.PATCH('/api/admin/models/{model_id}/', { params: { path: { model_id: id } }, body: changes }));

/** A new version, from `valid_from` on. */
export const addPrice = (modelId: number, price: Omit<ModelPrice, 'id' | 'version' | 'as_of'>): Promise<ModelPrice> =>
  answer(
    api.POST('/api/admin/models/{model_id}/prices/', { params: { path: { model_id: modelId } }, body: price }),
  );

/** Works while nothing was charged by it; else ApiError `still_needed`. */
export const deletePrice = (id: number): Promise<void> =>
  answer(api.DELETE('/api/admin/prices/{price_id}/', { params: { path: { price_id: id } } }));

export const fetchKnownVoices = (): Promise<readonly KnownVoice[]> => answer(api.GET('/api/admin/voices/'));

export const addVoice = (name: string): Promise<KnownVoice> =>
  answer(api.POST('/api/admin/voices/', { body: { name } }));

export const changeVoice = (
  id: number,
  changes: { enabled?: boolean; recommended?: boolean },
): Promise<KnownVoice> =>
  answer(api.PATCH('/api/admin/voices/{voice_id}/', { params: { path: { voice_id: id } }, body: changes }));

export const fetchGroupLimits = (): Promise<ServerLimits> => answer(api.GET('/api/admin/limits/'));

export const addGroupLimits = (group: number, limits: GroupLimitsChanges): Promise<GroupLimits> =>
  answer(api.POST('/api/admin/limits/', { body: { group, ...limits } }));

export const changeGroupLimits = (id: number, limits: GroupLimitsChanges): Promise<GroupLimits> =>
  answer(api.PATCH('/api/admin/limits/{policy_id}/', { params: { path: { policy_id: id } }, body: limits }));

export const deleteGroupLimits = (id: number): Promise<void> =>
  answer(api.DELETE('/api/admin/limits/{policy_id}/', { params: { path: { policy_id: id } } }));

export const fetchRetention = (): Promise<readonly RetentionClass[]> => answer(api.GET('/api/admin/retention/'));

/** Days by class; 0 is for ever, null as the server was started. */
export const changeRetention = (days: Record<string, number | null>): Promise<readonly RetentionClass[]> =>
  answer(api.PATCH('/api/admin/retention/', { body: { days } }));

/** What the next run would delete. */
export const previewRetention = (): Promise<readonly RetentionPreview[]> =>
  answer(api.GET('/api/admin/retention/preview/'));

export const fetchReadingSwitch = (): Promise<{ is_on: boolean }> => answer(api.GET('/api/admin/reading/'));

/** Superusers only. */
export const changeReadingSwitch = (isOn: boolean): Promise<{ is_on: boolean }> =>
  answer(api.PATCH('/api/admin/reading/', { body: { is_on: isOn } }));

export const fetchAuditLog = (page: number): Promise<Page<AuditEntry>> =>
  answer(api.GET('/api/admin/changes/', { params: { query: { page } } }));
