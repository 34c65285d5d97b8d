import { constants } from 'node:os';

/**
 * The shared library that cannot be found when one is loaded: that one itself, or one that it needs; undefined when all are there. What is
 * found stays loaded.
 * @param file a path, or a name that the system looks for
 */
export function missingLibrary(file: string): string | undefined {
	try {
		process.dlopen({ exports: {} }, file, constants.dlopen.RTLD_LAZY | constants.dlopen.RTLD_GLOBAL);
	} catch (error) {
		// A library that was found and loaded is no Node module, which is an error, too, but not ours.
		return /^(\S+): cannot open shared object file/.exec((error as Error).message)?.[1];
	}
	return undefined;
}
