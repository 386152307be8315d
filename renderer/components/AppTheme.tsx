/**
 * Mantine for every page: its styles come from a file, so that the content security policy needs no inline style.
 * Follows the system's dark or light scheme.
 */
import '@mantine/core/styles.css';
import './base.css';
import { createTheme, MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';

const theme = createTheme({
  cursorType: 'pointer',
  // Nothing scrolls behind a dialog, and locking it would need an inline style, which the policy forbids.
  components: { ModalRoot: { defaultProps: { lockScroll: false, transitionProps: { duration: 0 } } } },
});

export function AppTheme({ children }: { children: ReactNode }): ReactNode {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      {children}
    </MantineProvider>
  );
}
