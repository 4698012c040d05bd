/** Parts of the panel that a call can do without: their code comes while it connects, or when they are shown. */
import { type ComponentType, Suspense } from 'react';

import { LateCode } from '../../ui/late-code.ts';
import { latePart, MissingPart, type MissingProps } from '../../ui/late-part.tsx';

const captions = new LateCode(() => import('./captions.tsx'));
const deviceMenu = new LateCode(() => import('./device-menu.tsx'));
const typeBox = new LateCode(() => import('./type-box.tsx'));

/** Before somebody needs them, and before the line can break. */
export function fetchCallParts(): void {
  for (const code of [captions, deviceMenu, typeBox]) void code.ask();
}

/** @param name what is said to be missing where it is; null where its absence speaks for itself. */
function partOfPanel<Props extends object>(
  code: LateCode<{ default: ComponentType<Props> }>,
  name: string | null,
): ComponentType<Props> {
  const Instead = (problem: MissingProps) => (name === null ? null : <MissingPart name={name} {...problem} />);
  const Part = latePart(code, Instead);
  return function PartOfPanel(props: Props) {
    return (
      <Suspense>
        <Part {...props} />
      </Suspense>
    );
  };
}

export const Captions = partOfPanel(captions, 'Captions');
export const DeviceMenu = partOfPanel(deviceMenu, null);
export const TypeBox = partOfPanel(typeBox, 'The box to type in');
export const Visualiser = partOfPanel(new LateCode(() => import('./visualiser.tsx')), null);
export const DebugLog = partOfPanel(new LateCode(() => import('./debug-log.tsx')), 'The list of events');
