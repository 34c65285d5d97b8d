import { expect, it } from 'vitest';
import { saveName } from './names.ts';

it.each([
	['My clip.mp4', 'My clip_alpha.mp4'],
	['片段.final.mov', '片段.final_alpha.mp4'],
	['../../etc/passwd', '.._.._etc_passwd_alpha.mp4'],
	['C:\\x\u0000.avi', 'C__x__alpha.mp4'],
	['.mp4', '.mp4_alpha.mp4']
])('results of %j are saved as %j', (clip, file) => {
	expect(saveName(clip, 'matte', 'matte_alpha.mp4')).toBe(file);
});
