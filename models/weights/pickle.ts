import { viewOf } from './byte-source.ts';

/** What a pickle may ask of whoever reads it. Nothing else can happen while one is read. */
export interface PickleHost {
	/** What a pickle calls `module.name`; a function is called by the pickle with arguments of its choice. Throws to refuse. */
	global(name: string): unknown;
	/** What lies outside the pickle, by an id that whoever wrote it made up. */
	persistent(id: unknown): unknown;
	/** Throws: the pickle uses an instruction that is not needed for data. */
	refuse(instruction: string): never;
}

/** Where a collection begins on the stack. */
const mark = Symbol('mark');

/** Instructions that make objects of any class, in ways that we do not follow. */
const refused: Readonly<Record<number, string>> = {
	...{ 0x69: 'INST', 0x6f: 'OBJ', 0x81: 'NEWOBJ', 0x92: 'NEWOBJ_EX', 0x93: 'STACK_GLOBAL' },
	...{ 0x82: 'EXT1', 0x83: 'EXT2', 0x84: 'EXT4', 0x50: 'PERSID' }
};

/**
 * Reads a pickle of protocol 2, which `torch.save` writes: dictionaries as `Map`, lists and tuples as arrays, integers as numbers, or
 * as bigints beyond 2^53. CPython's pickletools.py is the reference of its instructions.
 * @param start where it begins
 * @returns the value, and where the pickle ends
 * @throws RangeError or TypeError when it is broken, and what the host throws
 */
export function unpickle(bytes: Uint8Array, host: PickleHost, start = 0): { value: unknown; end: number } {
	const view = viewOf(bytes);
	const stack: unknown[] = [];
	const memo = new Map<number, unknown>();
	let at = start;

	const skip = (count: number) => {
		at += count;
		return at - count;
	};
	const text = (length: number) => {
		const start = skip(length);
		if (at > bytes.length) throw new RangeError('text past the end');
		return new TextDecoder().decode(bytes.subarray(start, at));
	};
	const line = () => {
		const end = bytes.indexOf(0x0a, at);
		if (end < 0) throw new RangeError('a line without an end');
		const content = text(end - at);
		skip(1);
		return content;
	};
	const pop = () => {
		if (stack.length === 0) throw new RangeError('the stack is empty');
		return stack.pop();
	};
	const popMarked = () => {
		const start = stack.lastIndexOf(mark);
		if (start < 0) throw new RangeError('no mark');
		return stack.splice(start).slice(1);
	};
	const tuple = (length: number) => {
		if (stack.length < length) throw new RangeError('the stack is empty');
		stack.push(stack.splice(stack.length - length));
	};
	const recall = (key: number) => {
		if (!memo.has(key)) throw new RangeError('nothing remembered');
		stack.push(memo.get(key));
	};

	for (;;) {
		const instruction = view.getUint8(skip(1));
		switch (instruction) {
			case 0x80: // PROTO
				if (view.getUint8(skip(1)) !== 2) throw new RangeError('not protocol 2');
				break;
			case 0x2e: // STOP
				return { value: pop(), end: at };
			case 0x28: // MARK
				stack.push(mark);
				break;
			case 0x4e: // NONE
				stack.push(null);
				break;
			case 0x88: // NEWTRUE
				stack.push(true);
				break;
			case 0x89: // NEWFALSE
				stack.push(false);
				break;
			case 0x4b: // BININT1
				stack.push(view.getUint8(skip(1)));
				break;
			case 0x4d: // BININT2
				stack.push(view.getUint16(skip(2), true));
				break;
			case 0x4a: // BININT
				stack.push(view.getInt32(skip(4), true));
				break;
			case 0x8a: // LONG1
				stack.push(readLong(bytes, skip(view.getUint8(skip(1))), at));
				break;
			case 0x47: // BINFLOAT
				stack.push(view.getFloat64(skip(8)));
				break;
			case 0x58: // BINUNICODE
				stack.push(text(view.getUint32(skip(4), true)));
				break;
			case 0x7d: // EMPTY_DICT
				stack.push(new Map());
				break;
			case 0x5d: // EMPTY_LIST
			case 0x29: // EMPTY_TUPLE
				stack.push([]);
				break;
			case 0x74: // TUPLE
				stack.push(popMarked());
				break;
			case 0x85: // TUPLE1
			case 0x86: // TUPLE2
			case 0x87: // TUPLE3
				tuple(instruction - 0x84);
				break;
			case 0x61: // APPEND
				expectArray(stack.at(-2)).push(pop());
				break;
			case 0x65: {
				// APPENDS
				const items = popMarked();
				const list = expectArray(stack.at(-1));
				for (const item of items) list.push(item);
				break;
			}
			case 0x73: // SETITEM
				setItems(expectMap(stack.at(-3)), stack.splice(-2));
				break;
			case 0x75: {
				// SETITEMS
				const items = popMarked();
				setItems(expectMap(stack.at(-1)), items);
				break;
			}
			case 0x71: // BINPUT
				memo.set(view.getUint8(skip(1)), stack.at(-1));
				break;
			case 0x72: // LONG_BINPUT
				memo.set(view.getUint32(skip(4), true), stack.at(-1));
				break;
			case 0x68: // BINGET
				recall(view.getUint8(skip(1)));
				break;
			case 0x6a: // LONG_BINGET
				recall(view.getUint32(skip(4), true));
				break;
			case 0x63: // GLOBAL
				stack.push(host.global(`${line()}.${line()}`));
				break;
			case 0x51: // BINPERSID
				stack.push(host.persistent(pop()));
				break;
			case 0x52: {
				// REDUCE
				const parameters = expectArray(pop());
				stack.push(expectFunction(pop())(...parameters));
				break;
			}
			case 0x62: // BUILD: attributes of a dictionary, such as its modules' versions, which are no tensors
				expectMap(pop());
				expectMap(stack.at(-1));
				break;
			default: {
				const name = refused[instruction];
				if (name) host.refuse(name);
				throw new RangeError(`unknown instruction ${instruction}`);
			}
		}
	}
}

/** A little-endian integer in two's complement. */
function readLong(bytes: Uint8Array, start: number, end: number): number | bigint {
	if (end > bytes.length) throw new RangeError('a number past the end');
	let value = 0n;
	for (let i = end - 1; i >= start; i--) value = (value << 8n) | BigInt(bytes[i]!);
	value = BigInt.asIntN(8 * (end - start), value);
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : value;
}

function setItems(map: Map<unknown, unknown>, items: readonly unknown[]): void {
	if (items.length % 2) throw new RangeError('a key without a value');
	for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
}

function expectMap(value: unknown): Map<unknown, unknown> {
	if (value instanceof Map) return value;
	throw new TypeError('no dictionary');
}

function expectArray(value: unknown): unknown[] {
	if (Array.isArray(value)) return value;
	throw new TypeError('no list');
}

/** The only functions that can be on the stack are those that the host gave. */
function expectFunction(value: unknown): (...parameters: unknown[]) => unknown {
	if (typeof value === 'function') return value as (...parameters: unknown[]) => unknown;
	throw new TypeError('no function');
}
