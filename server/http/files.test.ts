import { expect, it } from 'vitest';
import { attachment } from './files.ts';

it('a download keeps its name in any language', () => {
	expect(attachment('我的 (1).mp4')).toBe(
		`attachment; filename="____1_.mp4"; filename*=UTF-8''%E6%88%91%E7%9A%84%20%281%29.mp4`
	);
});
