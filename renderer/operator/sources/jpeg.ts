/** Small pictures as they come over the door. */
import { fromBase64 } from '../../components/base64.ts';

/**
 * Decodes a picture for as long as `use` needs it, and frees it at once. As the address of an `<img>` each one stays in the
 * process: some megabytes a minute with six cameras, for as long as the window is open.
 * @param jpeg base64 @throws DOMException when it is no picture
 */
export async function withPicture<T>(jpeg: string, use: (picture: VideoFrame) => T): Promise<T> {
  const decoder = new ImageDecoder({ type: 'image/jpeg', data: fromBase64(jpeg) });
  try {
    const { image } = await decoder.decode();
    try {
      return use(image);
    } finally {
      image.close();
    }
  } finally {
    decoder.close();
  }
}
