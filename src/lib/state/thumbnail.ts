const height = 180;

/** A small picture of a frame, as a file. */
export function makeThumbnail(picture: ImageBitmap): Promise<Blob> {
	const width = Math.max(1, Math.round((height * picture.width) / picture.height));
	const canvas = new OffscreenCanvas(width, height);
	const context = canvas.getContext('2d')!;
	context.imageSmoothingQuality = 'high';
	context.drawImage(picture, 0, 0, width, height);
	return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
}
