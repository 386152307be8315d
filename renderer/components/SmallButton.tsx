/** A button among others of a card. Its text is short; its name says as well which card it is of. */
import { Button } from '@mantine/core';
import type { ButtonHTMLAttributes, ReactNode } from 'react';

type SmallButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'name' | 'style' | 'color'> & { name: string };

export function SmallButton({ name, disabled = false, ...rest }: SmallButtonProps): ReactNode {
  return <Button size="compact-sm" variant="default" aria-label={name} disabled={disabled} {...rest} />;
}
