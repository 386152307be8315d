/** An error's two sentences in the window's language: what is wrong, and what to do. */
import type { ReactNode } from 'react';
import { errorText, type ToldError } from './words.ts';

export function ErrorText({ error }: { error: ToldError }): ReactNode {
  const { message, nextStep } = errorText(error);
  return (
    <>
      <strong>{message}</strong> {nextStep}
    </>
  );
}
