/** Preview pictures as received from the door. */
import { fromBase64 } from '../../components/base64.ts';

/**
 * Decodes a picture for as long as `use` needs it, and frees it immediately. As the `src` of an `<img>`, each one would
 * stay in the process: several megabytes a minute with six cameras, for as long as the window is open.
 * @param jpeg base64 @throws DOMException if it is not a picture
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
