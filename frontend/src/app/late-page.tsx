import type { ComponentType } from 'react';

import { LateCode } from '../ui/late-code.ts';
import { latePart, MissingPart, type MissingProps } from '../ui/late-part.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import styles from './page.module.css';

/** A page whose code comes when it is opened; where it does not come, its frame says so and leads back. */
export const latePage = (title: string, load: () => Promise<{ default: ComponentType }>): ComponentType =>
  latePart(new LateCode(load), (problem: MissingProps) => (
    <>
      <PageHeader title={title} backTo="/" backLabel="Back to conversations" />
      <main className={styles['missing']}>
        <MissingPart name="This page" {...problem} />
      </main>
    </>
  ));
