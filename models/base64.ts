/** Bytes that are turned into characters at once. */
const CHUNK = 2 ** 15;

export function toBase64(bytes: Uint8Array): string {
	let letters = '';
	for (let start = 0; start < bytes.length; start += CHUNK)
		letters += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
	return btoa(letters);
}

/** @throws DOMException when the text is not base64 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
	const letters = atob(text);
	const bytes = new Uint8Array(letters.length);
	for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
	return bytes;
}
