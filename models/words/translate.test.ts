import { describe, expect, it } from 'vitest';
import { translateByGlossary } from './translate.ts';

/** Phrases and what they must become, by what they are to show. */
const phrases: Record<string, Record<string, string>> = {
	'nouns by themselves': {
		人: 'person',
		狗: 'dog',
		小猫: 'kitten',
		自行车: 'bicycle',
		沙发: 'sofa',
		苹果: 'apple',
		直升机: 'helicopter',
		外卖员: 'courier',
		足球运动员: 'soccer player',
		字幕: 'subtitles',
		水印: 'watermark',
		牛仔裤: 'jeans',
		T恤: 't-shirt',
		孩子们: 'children'
	},
	'adjectives and colours': {
		大狗: 'big dog',
		红色的汽车: 'red car',
		红裙子: 'red dress',
		深蓝色的裙子: 'dark blue dress',
		浅蓝色牛仔裤: 'light blue jeans',
		黑白相间的猫: 'black and white cat',
		红色和白色的衣服: 'red and white clothes',
		红色的大卡车: 'big red truck',
		木头椅子: 'wooden chair',
		条纹衬衫: 'striped shirt',
		黑色皮鞋: 'black leather shoes',
		五颜六色的花: 'colourful flower',
		非常可爱的小狗: 'cute puppy',
		中年男人: 'middle-aged man',
		年轻的女人: 'young woman',
		最大的狗: 'biggest dog',
		最高的建筑: 'tallest building',
		空椅子: 'empty chair',
		不是红色的车: 'car that is not red'
	},
	'clothes and what is worn beside them': {
		穿红衣服的人: 'person in red clothes',
		穿红色的衣服的人: 'person in red clothes',
		穿红色衣服的: 'person in red clothes',
		红衣服的女孩: 'girl in red clothes',
		黑衣人: 'person in black clothes',
		穿黑色的女人: 'woman in black',
		戴帽子的女孩: 'girl wearing a hat',
		戴墨镜的男人: 'man wearing sunglasses',
		红帽子的小男孩: 'little boy wearing a red hat',
		穿着黑色西装打着领带的男人: 'man in a black suit wearing a tie',
		穿红色上衣和黑色裤子的人: 'person in a red top and black trousers',
		'戴墨镜、穿皮夹克的男人': 'man wearing sunglasses in a leather jacket',
		穿迷彩服的士兵: 'soldier in camouflage clothes',
		穿着校服的学生们: 'students in a school uniform',
		女孩穿着红裙子: 'girl in a red dress'
	},
	'what somebody has': {
		长头发的女人: 'woman with long hair',
		头发很长的女人: 'woman with long hair',
		留胡子的男人: 'man with a beard',
		有大眼睛的猫: 'cat with big eyes',
		扎马尾辫的女孩: 'girl with a ponytail',
		人的头发: "person's hair",
		狗的尾巴: "dog's tail",
		女人的红色包: "woman's red bag",
		汽车的轮子: 'car wheel',
		红色汽车的门: 'door of the red car',
		左边的人的帽子: 'hat of the person on the left'
	},
	'what somebody does': {
		拿着手机的男人: 'man holding a phone',
		拿着红色雨伞的老人: 'old man holding a red umbrella',
		抱着孩子的母亲: 'mother holding a child',
		骑自行车的孩子: 'child riding a bicycle',
		推婴儿车的妈妈: 'mother pushing a stroller',
		背着书包的学生: 'student carrying a school bag',
		打篮球的男孩: 'boy playing basketball',
		弹吉他的人: 'person playing guitar',
		正在跳舞的女人: 'woman dancing',
		正在喝水的马: 'horse drinking water',
		打电话的女人: 'woman talking on the phone',
		坐轮椅的老人: 'old man sitting in a wheelchair',
		手里拿着麦克风的女歌手: 'female singer holding a microphone',
		站着看书的学生: 'student standing and reading'
	},
	places: {
		左边的人: 'person on the left',
		画面右边的人: 'person on the right',
		左上角的标志: 'logo in the upper left corner',
		画面中央的红色跑车: 'red sports car in the middle',
		最左边的女孩: 'girl on the far left',
		桌子上的杯子: 'cup on the table',
		椅子旁边的狗: 'dog next to the chair',
		坐在沙发上的猫: 'cat sitting on the sofa',
		站在舞台中间的歌手: 'singer standing in the middle of the stage',
		在草地上跑的狗: 'dog running on the lawn',
		女孩在海边散步: 'girl walking on the beach',
		挂在墙上的画: 'painting hanging on the wall',
		停在路边的汽车: 'car parked by the roadside',
		天上的鸟: 'bird in the sky',
		树上的鸟: 'bird in the tree',
		远处的山: 'mountain in the distance',
		背景里的树: 'tree in the background',
		玻璃杯里的水: 'water in the glass',
		男人手里的杯子: "cup in the man's hand"
	},
	'how many, and which': {
		两只狗: 'two dogs',
		三个男人: 'three men',
		'3个人': 'three people',
		十二只鸟: '12 birds',
		一群人: 'group of people',
		一双鞋: 'pair of shoes',
		两条裤子: 'two pairs of trousers',
		一副眼镜: 'pair of glasses',
		三杯啤酒: 'three cups of beer',
		一束花: 'bouquet of flowers',
		很多人: 'many people',
		两个穿红衣服的小孩: 'two children in red clothes',
		第三只鸟: 'third bird',
		左边第二个人: 'second person from the left',
		那个穿白色衬衫的男人: 'man in a white shirt',
		所有的狗: 'dog'
	},
	'what is not there': {
		没有戴帽子的人: 'person without a hat',
		不戴眼镜的人: 'person without glasses',
		没穿鞋的小孩: 'child without shoes',
		没有胡子的男人: 'man without a beard',
		没有拿伞的人: 'person not holding an umbrella',
		没有人的椅子: 'chair without a person',
		穿裙子但没有戴帽子的女人: 'woman in a dress without a hat'
	},
	'one thing and another': {
		猫和狗: 'cat and dog',
		'狗、猫和兔子': 'dog, cat and rabbit',
		'老师，学生': 'teacher and student',
		穿西装的男人和穿婚纱的女人: 'man in a suit and woman in a wedding dress'
	},
	'English among Chinese': {
		'红色的 car': 'red car',
		'穿 T-shirt 的男人': 'man in a T-shirt',
		'两只 golden retriever': 'two golden retrievers',
		'穿Hello Kitty衣服的女孩': 'girl in Hello Kitty clothes'
	},
	'traditional characters': {
		穿紅衣服的人: 'person in red clothes',
		騎腳踏車的小孩: 'child riding a bicycle',
		戴眼鏡的女孩: 'girl wearing glasses',
		著黑色西裝的男人: 'man in a black suit',
		長頭髮的女人: 'woman with long hair',
		兩隻黑貓: 'two black cats',
		計程車: 'taxi',
		後面的機車: 'motorcycle at the back'
	},
	'requests and signs': {
		帮我抠出穿红衣服的人: 'person in red clothes',
		'请把左边的狗抠出来。': 'dog on the left',
		'“红色的汽车”！': 'red car',
		'  白色 的 猫 ': 'white cat',
		'穿着红裙子，戴着帽子的女孩': 'girl in a red dress wearing a hat'
	}
};

describe('the glossary', () => {
	for (const [about, pairs] of Object.entries(phrases))
		describe(about, () => {
			it.each(Object.entries(pairs))('%s', (chinese, english) => {
				expect(translateByGlossary(chinese)).toEqual({ english, unknown: [] });
			});
		});

	it('leaves English as it is', () => {
		expect(translateByGlossary(' the dog ')).toEqual({ english: 'the dog', unknown: [] });
	});

	it('names what it does not understand, and translates the rest', () => {
		expect(translateByGlossary('穿汉服的锟斤拷')).toMatchObject({ unknown: ['锟斤拷'] });
		expect(translateByGlossary('饕餮纹的红色杯子')).toEqual({ english: 'red cup', unknown: ['饕餮纹'] });
		expect(translateByGlossary('龘')).toEqual({ unknown: ['龘'] });
		expect(translateByGlossary('红色的龘和蓝色的靐')).toMatchObject({ unknown: ['龘', '靐'] });
	});

	it('says that it does not understand a sentence whose words it knows', () => {
		expect(translateByGlossary('在的了上')).toEqual({ unknown: ['在的了上'] });
	});

	it('does not take long over long texts', () => {
		const { english } = translateByGlossary('穿红衣服戴帽子拿着手机站在桌子旁边的人和'.repeat(12) + '狗');
		expect(english).toMatch(/^person in red clothes .* and dog$/);
	});
});
