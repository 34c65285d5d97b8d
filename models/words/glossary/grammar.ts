import type { Words } from './types.ts';

export const numberNames: readonly string[] = [
	...['no', 'a', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
];

export const ordinalNames: readonly string[] = [
	...['', 'first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth']
];

/** Numbers that need no measure word. */
export const quantities: Words = {
	many: '很多 许多 好多 好几 大量 众多 多',
	several: '几 若干 数 一些 有些 好些'
};

/** Measure words that English does without: 一只狗 is "a dog". */
export const measures =
	'个 只 位 名 条 张 件 辆 匹 头 棵 朵 把 座 间 本 台 架 艘 支 枝 根 颗 粒 顶 幅 扇 部 所 栋 幢 家 口 面 尊 株 款 种 样 项 枚 节 尾 具 道 盏 轮 首 门';

/** Measure words that English says. */
export const containers: Words = {
	pair: '双 副 对',
	group: '群 大群 小群 伙 帮 批 组',
	row: '排 行 列',
	pile: '堆 叠 摞 沓',
	bunch: '串',
	bouquet: '束 捧',
	cup: '杯',
	bottle: '瓶',
	bowl: '碗',
	plate: '盘 碟',
	box: '盒 箱',
	bag: '袋 包',
	bucket: '桶',
	can: '罐 听',
	basket: '篮 筐',
	piece: '块 片 份 段',
	drop: '滴',
	set: '套'
};

/** Words after a noun that make it a place, with the English words before it. */
export const localizers: Words = {
	on: '上 上面 上头 上边 之上',
	under: '下 下面 底下 下边 之下 下方',
	in: '里 里面 里边 中 内 之中 内部 当中 里头',
	outside: '外 外面 外边 之外',
	above: '上方 上空',
	'next to': '旁 旁边 边上 身边 边 一旁 身旁 附近 跟前',
	'in front of': '前 前面 前方 面前 身前 前边',
	behind: '后 后面 后方 身后 背后 后边',
	'to the left of': '左边 左侧 左面 左方',
	'to the right of': '右边 右侧 右面 右方',
	between: '之间',
	'in the middle of': '中间 中央 正中 正中间 中心',
	around: '周围 四周',
	opposite: '对面'
};

/** Places that are said without a noun. */
export const standingPlaces: Words = {
	'on the left': '左边 左侧 左面 左方 靠左 左手边 左 左半边',
	'on the right': '右边 右侧 右面 右方 靠右 右手边 右 右半边',
	'in the middle': '中间 中央 正中 正中间 正中央 当中 中心 中部',
	'at the top': '上面 上方 上边 顶部 上部 最上面',
	'at the bottom': '下面 下方 下边 底部 下部 最下面',
	'in the front': '前面 前方 前边 前排 最前面',
	'at the back': '后面 后方 后边 后排 最后面',
	'in the upper left corner': '左上角 左上方 左上',
	'in the upper right corner': '右上角 右上方 右上',
	'in the lower left corner': '左下角 左下方 左下',
	'in the lower right corner': '右下角 右下方 右下',
	'on the far left': '最左边 最左侧 最左 最左面',
	'on the far right': '最右边 最右侧 最右 最右面',
	'in the corner': '角落 角落里 墙角',
	'at the edge': '边缘 边上',
	'in the distance': '远处 远方',
	'in the foreground': '近处 前景 前景里 前景中',
	'in the background': '背景 背景里 背景中 背景上 后景',
	'next to it': '旁边 一旁 附近',
	opposite: '对面',
	inside: '里面 室内 屋里 屋内 里边',
	outside: '外面 室外 户外 屋外 外边',
	upstairs: '楼上',
	downstairs: '楼下',
	'in the sky': '天上 天空上 天空中 天空里',
	'in the air': '空中 半空中 半空',
	'on the ground': '地上 地面上 地下',
	'in the water': '水里 水中 水下',
	'on the water': '水上 水面上',
	'by the roadside': '路边 街边 路旁 马路边',
	'on the beach': '海边 沙滩上 海滩上',
	'by the river': '河边 岸边',
	'at the door': '门口 门前',
	'by the window': '窗边 窗前',
	'at home': '家里 家中',
	'on horseback': '马背上'
};

/** Places that one is on, where Chinese does not say so. */
export const onPlaces: readonly string[] = [
	...[
		'road',
		'street',
		'pavement',
		'stage',
		'lawn',
		'beach',
		'grassland',
		'balcony',
		'roof',
		'ground',
		'floor',
		'wall'
	],
	...[
		'bridge',
		'staircase',
		'playground',
		'track',
		'field',
		'farm',
		'zebra crossing',
		'railway platform',
		'soccer field'
	]
];

/** What one is in, where Chinese says on. */
export const inThings: readonly string[] = [
	'tree',
	'sky',
	'armchair',
	'wheelchair',
	'car',
	'photo',
	'picture'
];

/** The picture itself: 画面左边 is "on the left", and 画面里 says nothing. */
export const picture = '画面 图 镜头 视频 屏幕 这张图 照片 图片';

/** Said before an adjective, without meaning here. */
export const degrees = '很 非常 特别 比较 十分 挺 超 超级 好 太 有点 有点儿 更 那么 这么 极其 格外';

/** Makes a superlative of the adjective after it. */
export const superlative = '最';

export const negations = '没有 没 不 未 并没有 没在 不在 无 不是 不带';

/** Said of what is meant, without meaning for what is looked for: a phrase finds everything that it describes. */
export const determiners =
	'那个 这个 那些 这些 那 这 所有 全部 全体 每 每个 每一个 整个 任何 各种 某 某个 其中 同一个 我 你 他 她 它 我们 他们 她们 它们 自己 的那个';

/** Said before a verb or an adjective, without meaning here. */
export const adverbs = '正 正在 在 都 也 还 又 是 一直 刚 已经 看起来 全身 浑身 独自 一起 边';

/** What a request begins or ends with; none of it says what is meant. */
export const requests =
	'请 请你 请帮我 帮我 帮忙 帮 给我 我要 我想要 我想 需要 要 想要 把 将 只要 只 只留 保留 抠出 抠出来 抠 抠图 抠像 抠下来 扣出来 选中 选择 选出 选出来 选 找出 找出来 找到 找 分割 分割出 分割出来 分离 分离出来 标出 标出来 圈出来 提取 提取出来 识别 识别出来 检测 检测出来 跟踪 追踪 一下 出来 吧 谢谢';

/** Words and signs between things of the same rank. */
export const conjunctions = '和 与 跟 及 以及 还有 或 或者 同时 但 但是 而 并 并且 而且 且 、 , ; & + /';
