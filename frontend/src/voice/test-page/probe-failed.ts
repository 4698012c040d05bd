import { describeError } from '../../api/api-error.ts';

/** A way that was tried and does not work here; its message is a sentence for the person. */
export class ProbeFailed extends Error {
  override readonly name = 'ProbeFailed';
}

/** What to show of whatever a probe was rejected with. */
export const sentenceOf = (error: unknown): string =>
  error instanceof ProbeFailed ? error.message : describeError(error);
