/**
 * `GET /v1/media/<key>/<stream>/<file>`: bytes of a media file of a session, whole or by `Range`. The index gives each
 * packet's offset in its file, so a player fetches only what it decodes.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import { sessionKeySchema } from '../../common/review.ts';
import { idSchema } from '../../common/stream.ts';
import { statInside, streamInside } from '../../session/folder/files.ts';
import type { Tokens } from './tokens.ts';

export interface MediaOptions {
  tokens: Tokens;
  /** The folder of a session's key. @throws FieldroomError when there is none */
  folderOf: (key: string) => Promise<string>;
}

const FILE = /^\d{4,9}\.mkv$/;

export function serveMedia(http: FastifyInstance, { tokens, folderOf }: MediaOptions): void {
  type Params = { key: string; stream: string; file: string };
  http.get<{ Params: Params }>('/v1/media/:key/:stream/:file', async (request, reply) => {
    const { role } = tokens.check(request.headers.authorization?.replace(/^Bearer ?/, ''));
    if (role !== 'operator') throw fieldroomError('door.not-allowed:media', { role });
    const { key, stream, file } = request.params;
    if (!sessionKeySchema.safeParse(key).success || !idSchema.safeParse(stream).success || !FILE.test(file))
      throw noFile();
    return send(await folderOf(key), `media/${stream}/${file}`, request, reply);
  });
}

/** A session folder may come from an untrusted USB stick: anything that is not a regular file counts as missing. */
function sizeOf(folder: string, file: string): number {
  try {
    const stats = statInside(folder, file);
    if (stats) return stats.size;
  } catch (error) {
    if (!(error instanceof FieldroomError)) throw error;
  }
  throw noFile();
}

function send(folder: string, file: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const size = sizeOf(folder, file);
  reply.headers({ 'accept-ranges': 'bytes', 'content-type': 'video/x-matroska', 'cache-control': 'no-store' });
  const range = rangeOf(request.headers.range, size);
  if (range === 'all') return reply.header('content-length', size).send(streamInside(folder, file));
  if (range === 'none') return reply.code(416).header('content-range', `bytes */${size}`).send();
  reply.code(206).headers({
    'content-range': `bytes ${range.first}-${range.last}/${size}`,
    'content-length': range.last - range.first + 1,
  });
  return reply.send(streamInside(folder, file, range));
}

/** One range, as every player requests; `none`: not satisfiable. RFC 9110 section 14. */
export function rangeOf(header: string | undefined, size: number): { first: number; last: number } | 'all' | 'none' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return 'all';
  const [, from = '', to = ''] = match;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first < size && first <= last ? { first, last } : 'none';
}

const noFile = (): FieldroomError => fieldroomError('review.no-file');
