/** A question over the page. Mantine's own frame makes its head a `banner` for screen readers, of which a page has one already. */
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './Dialog.module.css';

export interface DialogProps {
  title: string;
  /** Name of the button that closes it without doing anything. */
  closeName: string;
  onClose: () => void;
  children: ReactNode;
}

/** Shown as long as it is rendered. What has the attribute `data-autofocus` gets the focus. */
export function Dialog({ title, closeName, onClose, children }: DialogProps): ReactNode {
  return (
    <Modal.Root opened onClose={onClose} centered>
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
