/**
 * The name to save a result under: the clip's, without what file systems refuse, in the place of the one on the disk.
 * @param clip the clip's file name
 * @param diskName what the result's name on the disk begins with
 * @param file the result's name on the disk
 */
export function saveName(clip: string, diskName: string, file: string): string {
	const stem = clip.replace(/(?<=[^/])\.[^./]*$/, '').replace(/[\\/:*?"<>|\p{Cc}]/gu, '_');
	return `${stem || diskName}${file.slice(diskName.length)}`;
}
