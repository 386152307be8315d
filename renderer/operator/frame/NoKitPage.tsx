/** Shown by pages that need a kit when there is none, with a way to get one. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { t } from '../../components/words.ts';
import { addressOf } from './route.ts';

export function NoKitPage({ title, className }: { title: string; className: string | undefined }): ReactNode {
  return (
    <main className={className}>
      <h1>{title}</h1>
      <p>{t('study.noKit')}</p>
      <Button component="a" href={addressOf('live')}>
        {t('study.noKit.do')}
      </Button>
    </main>
  );
}
