/** A modal dialog. Mantine's own header would be a second `banner` for screen readers, and a page already has one. */
import { Modal } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import styles from './Dialog.module.css';

export interface DialogProps {
  title: string;
  /** Label of the button that closes it without doing anything. */
  closeName: string;
  onClose: () => void;
  /** Wide enough for a question; `lg` for a list, `xl` for a page. */
  size?: 'md' | 'lg' | 'xl';
  children: ReactNode;
}

/** Shown as long as it is rendered. The element with the attribute `data-autofocus` gets the focus. */
export function Dialog({ title, closeName, onClose, size = 'md', children }: DialogProps): ReactNode {
  // It closes by no longer being rendered; the focus returns to the element that opened it.
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement) window.setTimeout(() => before.focus());
    },
    [before],
  );
  return (
    <Modal.Root opened onClose={onClose} centered size={size}>
      <Modal.Overlay />
      <Modal.Content>
        <div className={styles.head}>
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={closeName} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
