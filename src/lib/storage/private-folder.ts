/** What is used of `navigator.storage`. */
export type PrivateStorage = Pick<StorageManager, 'getDirectory'>;

/** Where version 1 kept clips, each named by its session. */
export const oldClipFolder = 'clips';

/**
 * The origin's private file system; undefined where the page cannot write to it, as in insecure contexts, in some private windows
 * and in browsers without `createWritable`.
 */
export async function privateRoot(
	storage: PrivateStorage | undefined = globalThis.navigator?.storage
): Promise<FileSystemDirectoryHandle | undefined> {
	const writable = 'FileSystemFileHandle' in globalThis && 'createWritable' in FileSystemFileHandle.prototype;
	return writable ? storage?.getDirectory().catch(() => undefined) : undefined;
}

/** The file of a path of two parts; undefined when there is none. */
export async function readFile(root: FileSystemDirectoryHandle, path: string): Promise<File | undefined> {
	const [folder, name] = split(path);
	return orMissing(async () => {
		const directory = await root.getDirectoryHandle(folder);
		return (await directory.getFileHandle(name)).getFile();
	});
}

/** Resolves when the file is whole. When this rejects, a part of it or an empty file may be left. */
export async function writeFile(root: FileSystemDirectoryHandle, path: string, blob: Blob): Promise<void> {
	const [folder, name] = split(path);
	const directory = await root.getDirectoryHandle(folder, { create: true });
	const handle = await directory.getFileHandle(name, { create: true });
	await blob.stream().pipeTo(await handle.createWritable());
}

/** Removes a file, if there is one. */
export async function removeFile(root: FileSystemDirectoryHandle, path: string): Promise<void> {
	const [folder, name] = split(path);
	await orMissing(async () => (await root.getDirectoryHandle(folder)).removeEntry(name));
}

/** The paths of all files of a folder; none when there is no such folder. */
export async function listFiles(root: FileSystemDirectoryHandle, folder: string): Promise<string[]> {
	const directory = await orMissing(() => root.getDirectoryHandle(folder));
	const paths: string[] = [];
	for await (const name of directory?.keys() ?? []) paths.push(`${folder}/${name}`);
	return paths;
}

function split(path: string): [folder: string, name: string] {
	const slash = path.indexOf('/');
	return [path.slice(0, slash), path.slice(slash + 1)];
}

async function orMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
		throw error;
	}
}
