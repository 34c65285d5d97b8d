import { downloadZip } from 'client-zip';
import { expect, test } from 'vitest';
import { toFloat32, isStoredFloat } from './convert.ts';
import { MemorySource } from './memory-source.fixture.ts';
import { openFile } from './open-checkpoint.ts';
import { unpackTorchFile } from './torch-files.fixture.ts';

const open = (content: Uint8Array) => openFile(new MemorySource('model.pth', content));

async function numbersIn(content: Uint8Array) {
	const checkpoint = await open(content);
	const found: Record<string, unknown> = {};
	for (const [name, { dtype, shape }] of checkpoint.tensors) {
		const bytes = await checkpoint.read(name);
		found[name] = [dtype, shape, [...(isStoredFloat(dtype) ? toFloat32(bytes, dtype) : bytes)]];
	}
	return found;
}

/** A file as torch.save makes it, around a pickle of our own. */
async function fileWith(pickle: string, storage = new Uint8Array(48)) {
	const files = [
		{ name: 'model/data.pkl', input: Buffer.from(pickle, 'latin1') },
		{ name: 'model/data/0', input: Buffer.from(storage) }
	];
	return new Uint8Array(await downloadZip(files).arrayBuffer());
}

const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
const storageOf = (elements: number) =>
	`(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}K${String.fromCharCode(elements)}tQ`;
/** A tensor [2, 2] from `offset` on in a storage of `elements`. */
const tensor = (offset: number, elements: number) =>
	`ctorch._utils\n_rebuild_tensor_v2\n(${storageOf(elements)}K${String.fromCharCode(offset)}K\x02K\x02\x86K\x02K\x01\x86\x89NtR`;
const pickleOf = (...items: string[]) => `\x80\x02}(${items.join('')}u.`;

test('tensors of every kind are found in place', async () => {
	const twelve = Array.from({ length: 12 }, (_, i) => i);
	expect(await numbersIn(await unpackTorchFile('kinds'))).toEqual({
		a: ['F32', [3, 4], twelve],
		view: ['F32', [2, 4], twelve.slice(4)],
		half: ['F16', [3, 4], twelve],
		bf: ['BF16', [3, 4], twelve],
		param: ['F32', [3, 4], twelve],
		scalar: ['I64', [], [5, 0, 0, 0, 0, 0, 0, 0]],
		bool: ['BOOL', [2], [1, 0]],
		empty: ['F32', [0, 3], []],
		one: ['F32', [1, 1, 4], twelve.slice(0, 4)]
	});
});

test('a state dictionary inside another one keeps its own names', async () => {
	const { tensors, standIn } = await open(await unpackTorchFile('wrapped'));
	const norm = ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'];
	expect([...tensors.keys()]).toEqual(['0.weight', '0.bias', ...norm.map((name) => `1.${name}`)]);
	expect(standIn).toBe(false);
});

test('of several dictionaries, the keys are part of the names', async () => {
	const inner = (name: string) => `${text(name)}}${text('weight')}${tensor(0, 12)}s`;
	const { tensors } = await open(await fileWith(pickleOf(inner('model'), inner('ema'))));
	expect([...tensors.keys()]).toEqual(['model.weight', 'ema.weight']);
});

test.each([
	['a call of the system', 'cposix\nsystem\n(Vecho\ntR.', 'posix.system'],
	['a built-in function', pickleOf(text('a'), 'c__builtin__\neval\n'), '__builtin__.eval'],
	['an inherited name', pickleOf(text('a'), 'cconstructor\nconstructor\n'), 'constructor.constructor'],
	['an object of any class', '(iposix\nsystem\n.', 'INST'],
	['a new object', '\x80\x02)\x81.', 'NEWOBJ'],
	['a name from the stack', `\x80\x02${text('posix')}${text('system')}\x93.`, 'STACK_GLOBAL']
])('%s is refused', async (_, pickle, name) => {
	const params = { file: 'model.pth', name };
	await expect(open(await fileWith(pickle))).rejects.toMatchObject({ code: 'weights-unsafe', params });
});

test('a whole module is refused, since it needs its classes', async () => {
	const params = { name: 'torch.nn.modules.container.Sequential' };
	await expect(open(await unpackTorchFile('module'))).rejects.toMatchObject({
		...{ code: 'weights-unsafe', params }
	});
});

test.each([
	['an unknown instruction', '\x80\x02\xff.'],
	['nothing on the stack', '\x80\x02.'],
	['an end too early', '\x80\x02}('],
	['a text past the end', '\x80\x02X\xff\xff\0\0a.'],
	['a call of what is no function', '\x80\x02})R.'],
	['a key without a value', `\x80\x02}(${text('a')}u.`],
	['a tensor without a storage', pickleOf(text('a'), 'ctorch._utils\n_rebuild_tensor_v2\n)R')],
	['a tensor past the end of its storage', pickleOf(text('a'), tensor(9, 12))],
	['a storage that is longer than its file', pickleOf(text('a'), tensor(9, 16))],
	['something never remembered', '\x80\x02h\x07.']
])('a pickle with %s is damaged', async (_, pickle) => {
	await expect(open(await fileWith(pickle))).rejects.toMatchObject({ code: 'weights-damaged' });
});

test('dictionaries that hold themselves, or one another many times over, end', async () => {
	const itself = `\x80\x02}q\0(${text('a')}h\0u.`;
	await expect(open(await fileWith(itself))).rejects.toMatchObject({ code: 'weights-foreign' });
	const twice = `}(${text('a')}h\0${text('b')}h\0uq\0`;
	const doubled = `\x80\x02}q\0${twice.repeat(24)}.`;
	await expect(open(await fileWith(doubled))).rejects.toMatchObject({ code: 'weights-foreign' });
});

test('a tensor that is not contiguous is told', async () => {
	const opening = open(await unpackTorchFile('transposed'));
	await expect(opening).rejects.toMatchObject({
		...{ code: 'weights-foreign', params: { reason: 't is not contiguous' } }
	});
});

test('what is no such file is told', async () => {
	const foreign = { code: 'weights-foreign' };
	await expect(open(new Uint8Array(0))).rejects.toMatchObject(foreign);
	await expect(open(new TextEncoder().encode('<html>not found</html>'))).rejects.toMatchObject(foreign);
	const zip = await downloadZip([{ name: 'a.txt', input: 'a' }]).arrayBuffer();
	await expect(open(new Uint8Array(zip))).rejects.toMatchObject(foreign);
});

test('a file that ends anywhere too early is damaged', async () => {
	const whole = await unpackTorchFile('kinds');
	for (let end = 4; end < whole.length; end += 97) {
		await expect(open(whole.subarray(0, end))).rejects.toMatchObject({ code: 'weights-damaged' });
	}
});

test('files from before PyTorch 1.6 hold the same', async () => {
	const legacy = (await numbersIn(await unpackTorchFile('legacy'))) as Record<string, unknown>;
	const wrapped = await numbersIn(await unpackTorchFile('wrapped'));
	expect(Object.keys(legacy)).toHaveLength(7);
	expect(legacy).toEqual(wrapped);
});

test('a file from before PyTorch 1.6 that ends anywhere too early is damaged', async () => {
	const whole = await unpackTorchFile('legacy');
	for (let end = 15; end < whole.length; end += 37) {
		await expect(open(whole.subarray(0, end))).rejects.toMatchObject({ code: 'weights-damaged' });
	}
	const longer = Uint8Array.of(...whole, 0);
	await expect(open(longer)).rejects.toMatchObject({ code: 'weights-damaged' });
});

test('a file from before PyTorch 1.6 may ask for tensors only, of this byte order and version', async () => {
	const pickles = (...parts: string[]) =>
		Buffer.from(`\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.${parts.join('')}`, 'latin1');
	const [version, little] = ['\x80\x02M\xe9\x03.', `\x80\x02}${text('little_endian')}\x88s.`];
	const evil = pickles(version, little, '\x80\x02cposix\nsystem\n.');
	await expect(open(evil)).rejects.toMatchObject({ code: 'weights-unsafe' });
	const big = pickles(version, `\x80\x02}${text('little_endian')}\x89s.`);
	await expect(open(big)).rejects.toMatchObject({ code: 'weights-foreign' });
	await expect(open(pickles('\x80\x02M\xea\x03.'))).rejects.toMatchObject({ code: 'weights-foreign' });
});

test('a flipped byte never leads to anything but one of our errors', async () => {
	const whole = await unpackTorchFile('wrapped');
	for (let at = 0; at < whole.length; at += 11) {
		const changed = whole.slice();
		changed[at]! ^= 1 << (at % 8);
		const code = await open(changed).then(
			() => 'opened',
			(error) => error.code
		);
		expect(code).toMatch(/^opened$|^weights-(damaged|foreign|unsafe)$/);
	}
});

test('tensors that are compressed are told', async () => {
	const content = await fileWith(pickleOf(text('a'), tensor(0, 12)));
	const view = new DataView(content.buffer);
	for (let at = 0; at < content.length - 4; at++) {
		if (view.getUint32(at, true) === 0x02014b50) view.setUint16(at + 10, 8, true);
	}
	await expect(open(content)).rejects.toMatchObject({
		...{ code: 'weights-foreign', params: { reason: 'data.pkl is compressed' } }
	});
});

test('a zip file with sizes of 64 bits is read', async () => {
	const content = await fileWith(pickleOf(text('a'), tensor(0, 12)));
	expect(await numbersIn(toZip64(content))).toEqual(await numbersIn(content));
});

/** Rewrites the directory as if no size or offset fitted 32 bits. */
function toZip64(zip: Uint8Array): Uint8Array {
	const old = Buffer.from(zip);
	const end = old.lastIndexOf('PK\x05\x06', undefined, 'latin1');
	const start = old.readUInt32LE(end + 16);
	const entries: Buffer[] = [];
	for (let at = start; at < end;) {
		const nameEnd = at + 46 + old.readUInt16LE(at + 28);
		const entry = Buffer.from(old.subarray(at, nameEnd));
		const extra = Buffer.alloc(28 + 5);
		// Another field before it, as some programs write.
		extra.writeUInt16LE(0x5455, 0);
		extra.writeUInt16LE(1, 2);
		extra.writeUInt16LE(1, 5);
		extra.writeUInt16LE(24, 7);
		for (const [i, field] of [24, 20, 42].entries()) {
			extra.writeBigUInt64LE(BigInt(entry.readUInt32LE(field)), 9 + 8 * i);
			entry.writeUInt32LE(0xffffffff, field);
		}
		const extraBefore = old.readUInt16LE(at + 30);
		entry.writeUInt16LE(extra.length, 30);
		entries.push(entry, extra);
		at = nameEnd + extraBefore;
	}
	const list = Buffer.concat(entries);
	const end64 = Buffer.alloc(56);
	end64.write('PK\x06\x06', 'latin1');
	end64.writeBigUInt64LE(BigInt(list.length), 40);
	end64.writeBigUInt64LE(BigInt(start), 48);
	const locator = Buffer.alloc(20);
	locator.write('PK\x06\x07', 'latin1');
	locator.writeBigUInt64LE(BigInt(start + list.length), 8);
	const last = Buffer.from(old.subarray(end));
	last.writeUInt32LE(0xffffffff, 12);
	last.writeUInt32LE(0xffffffff, 16);
	return Buffer.concat([old.subarray(0, start), list, end64, locator, last]);
}
