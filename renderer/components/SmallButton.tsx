/** One of several buttons on a card. Its text is short; its accessible name also says which card it belongs to. */
import { Button } from '@mantine/core';
import type { ButtonHTMLAttributes, ReactNode } from 'react';

type SmallButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'name' | 'style' | 'color'> & { name: string };

export function SmallButton({ name, disabled = false, ...rest }: SmallButtonProps): ReactNode {
  return <Button size="compact-sm" variant="default" aria-label={name} disabled={disabled} {...rest} />;
}
