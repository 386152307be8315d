/** The destination form: converts settings to fields and back. Keys are separate: they are never returned. */
import {
  type DestinationKeys,
  type DestinationSettings,
  destinationSettingsSchema,
} from '../../../electron/common/destinations.ts';
import type { WordKey } from '../../components/words.ts';

export interface DestinationForm {
  name: string;
  kind: DestinationSettings['kind'];
  endpoint: string;
  bucket: string;
  prefix: string;
  region: string;
  virtualHost: boolean;
  caFile: string;
  path: string;
  /** In rclone's notation: `nextcloud:Lab/sessions`. */
  remote: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  bearer: string;
}

const BLANK: DestinationForm = {
  ...{ name: '', kind: 's3', endpoint: '', bucket: '', prefix: '', region: 'us-east-1', virtualHost: false },
  ...{ caFile: '', path: '', remote: '', accessKeyId: '', secretAccessKey: '', sessionToken: '', bearer: '' },
};

export function formOf(known: { name: string; settings: DestinationSettings } | null): DestinationForm {
  if (!known) return BLANK;
  const { name, settings } = known;
  const form = { ...BLANK, name, kind: settings.kind };
  switch (settings.kind) {
    case 's3': {
      const { bucket, prefix, endpoint = '', region, pathStyle, caFile = '' } = settings;
      return { ...form, bucket, prefix, endpoint, region, caFile, virtualHost: !pathStyle };
    }
    case 'tus':
      return { ...form, endpoint: settings.endpoint, prefix: settings.prefix, caFile: settings.caFile ?? '' };
    case 'folder':
      return { ...form, path: settings.path };
    case 'rclone':
      return { ...form, remote: settings.remote, prefix: settings.prefix };
  }
}

/** The entered text without the spaces and slashes that come with copying. */
export function settingsOf(form: DestinationForm): unknown {
  const text = (value: string, name: string): Record<string, string> =>
    value.trim() === '' ? {} : { [name]: value.trim() };
  const prefix = form.prefix
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('/');
  const common = { ...text(form.endpoint, 'endpoint'), ...text(form.caFile, 'caFile'), prefix };
  switch (form.kind) {
    case 's3':
      return {
        ...{ kind: 's3', bucket: form.bucket.trim(), ...common, ...text(form.region, 'region') },
        // Amazon S3 requires the bucket in the server name.
        pathStyle: !form.virtualHost && form.endpoint.trim() !== '',
      };
    case 'tus':
      return { kind: 'tus', ...common };
    case 'folder':
      return { kind: 'folder', path: form.path.trim() };
    case 'rclone':
      return { kind: 'rclone', remote: form.remote.trim(), prefix };
  }
}

/** Null: none were entered, so the stored ones are kept. */
export function keysOf({ kind, ...form }: DestinationForm): DestinationKeys | null {
  const names = kind === 's3' ? (['accessKeyId', 'secretAccessKey', 'sessionToken'] as const) : (['bearer'] as const);
  if (kind === 'folder' || kind === 'rclone') return null;
  const typed = names.map((name) => [name, form[name].trim()] as const).filter(([, value]) => value !== '');
  return typed.length === 0 ? null : (Object.fromEntries(typed) as DestinationKeys);
}

/** Errors by field; null: none. */
export function faultOf(form: DestinationForm): { field: keyof DestinationForm; word: WordKey } | null {
  if (form.name.trim() === '') return { field: 'name', word: 'uploads.fault.name' };
  if (form.kind === 's3' && form.bucket.trim() === '') return { field: 'bucket', word: 'uploads.fault.bucket' };
  if (form.kind === 'folder' && form.path.trim() === '') return { field: 'path', word: 'uploads.fault.path' };
  const keys = keysOf(form);
  if (form.kind === 's3' && keys && !(keys.accessKeyId && keys.secretAccessKey))
    return { field: keys.accessKeyId ? 'secretAccessKey' : 'accessKeyId', word: 'uploads.fault.keys' };
  if (!destinationSettingsSchema.safeParse(settingsOf(form)).success)
    return form.kind === 'rclone'
      ? { field: 'remote', word: 'uploads.fault.remote' }
      : { field: 'endpoint', word: 'uploads.fault.endpoint' };
  return null;
}
