/**
 * Reads a serial port without a thread in between. `serialport` sends each read to the thread pool, first in vain and
 * then again, and keeps reading forever after the "0 bytes" of an unplugged cable. Here the port is read when the
 * system reports it as readable, which halves the processor time of ten devices, and 0 bytes mean the end.
 */
import { readSync } from 'node:fs';

/**
 * Internals of `@serialport/bindings-cpp` on Linux and macOS; checked at run time, because they are not a public
 * interface.
 */
interface UnixBinding {
  readonly isOpen: boolean;
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', listener: (error?: Error) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/** Changes how this open port is read; false if its internals differ, and the port is then read in the usual way. */
export function readDirectly(binding: unknown): boolean {
  if (!isUnixBinding(binding)) return false;
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      if (!binding.isOpen || binding.fd === null) throw canceled();
      await new Promise<void>((resolve, reject) => {
        binding.poller.once('readable', (error) => (error ? reject(error) : resolve()));
      });
      if (!binding.isOpen || binding.fd === null) throw canceled();
      try {
        // The port was opened non-blocking, so this always returns immediately.
        const bytesRead = readSync(binding.fd, buffer, offset, length, null);
        if (bytesRead > 0) return { buffer, bytesRead };
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN' || code === 'EINTR') continue;
        throw error;
      }
      throw new Error('the device hung up');
    }
  };
  return true;
}

/** What `serialport` interprets as "closed by us". */
const canceled = (): Error => Object.assign(new Error('Port is not open'), { canceled: true });

function isUnixBinding(binding: unknown): binding is UnixBinding {
  if (typeof binding !== 'object' || binding === null) return false;
  const { fd, poller, read } = binding as Partial<Record<keyof UnixBinding, unknown>>;
  return (
    typeof fd === 'number' &&
    typeof read === 'function' &&
    typeof (poller as { once?: unknown } | null)?.once === 'function'
  );
}
