import { type ComponentType, type ReactNode, use, useEffect, useSyncExternalStore } from 'react';

import { Button } from './button.tsx';
import type { LateCode } from './late-code.ts';
import { Notice } from './notice.tsx';
import type { Missing } from './page-files.ts';

/** What is known while a part is missing, and how to ask for it again. */
export interface MissingProps {
  missing: Missing;
  isRetrying: boolean;
  onRetry(): void;
}

/**
 * A part of the page whose code comes when it is first shown; suspends until then.
 * @param Instead shown in its place while the code could not be had; gets the part's own props, too.
 */
export function latePart<Props extends object>(
  code: LateCode<{ default: ComponentType<Props> }>,
  Instead: ComponentType<Props & MissingProps>,
): ComponentType<Props> {
  return function LatePart(props: Props) {
    const { module, missing, isRetrying } = useSyncExternalStore(code.subscribe, code.get);
    useEffect(() => code.wanted(), []);
    if (module) return <module.default {...props} />;
    if (missing) return <Instead {...props} missing={missing} isRetrying={isRetrying} onRetry={code.ask} />;
    use(code.ask());
    return null;
  };
}

const ADVICE: Record<Missing, string> = {
  unreachable: 'Check your connection.',
  renewed: 'The server has a newer version: load the page again.',
  refused: 'Retry, or load the page again.',
};

interface MissingPartProps extends MissingProps {
  /** What is missing, as the beginning of a sentence. */
  name: string;
  /** Everything works without it. */
  isMinor?: boolean;
  /** Another way on. */
  action?: ReactNode;
}

/** Says that a part is missing and what can be done. */
export function MissingPart({ name, isMinor = false, missing, isRetrying, onRetry, action }: MissingPartProps) {
  return (
    <Notice
      urgency={isMinor ? 'status' : 'alert'}
      tone={isMinor ? 'warning' : 'danger'}
      action={
        <>
          {missing === 'renewed' ? null : (
            <Button look="quiet" onClick={onRetry}>
              {isRetrying ? 'Retrying…' : 'Retry'}
            </Button>
          )}
          {missing === 'unreachable' ? null : (
            <Button look="quiet" onClick={() => location.reload()}>
              Load again
            </Button>
          )}
          {action}
        </>
      }
    >
      {name} could not be loaded. {ADVICE[missing]}
    </Notice>
  );
}
