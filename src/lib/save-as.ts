/** Lets the user save a file as a download. */
export function saveAs(file: Blob, name: string): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(file);
	link.download = name;
	link.click();
	// The browser has begun to read it by then, and holds it for as long as it needs.
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
