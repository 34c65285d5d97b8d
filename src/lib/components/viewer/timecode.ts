/** A moment of a clip to the millisecond, for example `0:05.125` or `1:02:03.040`. */
export function timecode(seconds: number): string {
	const all = Math.round(seconds * 1000);
	const pad = (value: number, digits: number) => String(value).padStart(digits, '0');
	const whole = Math.floor(all / 1000);
	const hours = Math.floor(whole / 3600);
	const minutes = Math.floor(whole / 60) % 60;
	const rest = `${pad(whole % 60, 2)}.${pad(all % 1000, 3)}`;
	return hours > 0 ? `${hours}:${pad(minutes, 2)}:${rest}` : `${minutes}:${rest}`;
}
