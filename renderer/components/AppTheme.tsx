/** Mantine for every page: its styles come from a file, so that the policy needs no inline style. Dark and light by the system. */
import '@mantine/core/styles.css';
import './base.css';
import { createTheme, MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';

const theme = createTheme({
  cursorType: 'pointer',
  // Nothing scrolls behind a dialog, and locking it would take an inline style, which the policy refuses.
  components: { ModalRoot: { defaultProps: { lockScroll: false, transitionProps: { duration: 0 } } } },
});

export function AppTheme({ children }: { children: ReactNode }): ReactNode {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      {children}
    </MantineProvider>
  );
}
