/** The Launch Handler API, which TypeScript's library does not describe; only Chromium has it. */
interface LaunchQueue {
	setConsumer(consumer: (launch: { readonly files: readonly FileSystemFileHandle[] }) => void): void;
}

/**
 * Hands over the files with which the system opens the installed app: now, and whenever it does so again.
 * @param fail is told when they cannot be read
 */
export function onLaunch(open: (files: readonly File[]) => void, fail: (error: unknown) => void): void {
	const { launchQueue } = window as { launchQueue?: LaunchQueue };
	launchQueue?.setConsumer(({ files }) => {
		if (files.length > 0) void Promise.all(files.map((file) => file.getFile())).then(open, fail);
	});
}
