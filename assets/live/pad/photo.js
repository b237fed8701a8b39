// A picture from the learner's disk, small enough to be sent.

const BIGGEST = 8e6; // bytes that a message may carry
const SIDE = 2000; // pixels that are left of a larger photograph

/** Its bytes, or an Error with a sentence for the learner. */
export async function photo_bytes(file) {
  if (/\.hei[cf]$/i.test(file.name) || /hei[cf]/.test(file.type))
    throw new Error(
      `${file.name} is a HEIC photograph, which can't be read here. Save it as JPEG or PNG first.`,
    );
  if (file.size <= BIGGEST) return read(file, file.name);
  return read(await shrunk(file), file.name);
}

async function read(blob, name) {
  try {
    return await blob.arrayBuffer();
  } catch {
    throw new Error(`${name} can't be read from your disk.`);
  }
}

async function shrunk(file) {
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) {
    const size = `${Math.round(file.size / 1e6)} MB`;
    throw new Error(
      `${file.name} has ${size}, ${BIGGEST / 1e6} MB can be sent, and no picture is found in it.`,
    );
  }
  const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
  const canvas = new OffscreenCanvas(Math.round(image.width * scale), Math.round(image.height * scale));
  const g = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  g.fillStyle = "#fff"; // what is transparent becomes paper
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
}
