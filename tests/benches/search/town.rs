//! A made-up sub-district: rows with the names, addresses and words of one, the same every time. Characters come as
//! unevenly as in life: a few surnames have half of the people, 单元 stands in every address.

use doorstep_core::id::{DocId, DocKind};
use doorstep_core::people::Place;
use doorstep_core::row::{Named, Row, WORDS_MAX};
use doorstep_core::time::{DAY_MS, Hlc, Timestamp};

/// The day on which everything is looked at.
const TODAY: Timestamp = Timestamp(1_795_000_000_000);

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈\
姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单仇解区朴查盖翟";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英桂兰建国志海燕玉文博霞平刚红梅华林晓丹凤云飞雪琴鹏宇浩然子轩梓涵欣怡佳\
慧鑫波斌春生福贵德才永庆振东旭辉立新学忠孝义仁礼智信长寿康宁爱珍淑贤素芬翠莲香菊荣嘉俊凯晨曦雨桐诗琪安泽";
const WHERE: [&str; 24] = [
    "三单元",
    "家属院",
    "东门",
    "地下室",
    "楼顶",
    "自行车棚",
    "物业门口",
    "配电房旁",
    "小广场",
    "巷口",
    "二楼平台",
    "垃圾站",
    "菜市场",
    "公交站",
    "幼儿园门前",
    "锅炉房",
    "车库入口",
    "健身角",
    "围墙根",
    "河堤",
    "铁路桥下",
    "社区食堂",
    "老年活动室",
    "楼道",
];
const WHAT: [&str; 32] = [
    "漏水",
    "停水",
    "噪声扰民",
    "楼道堆物",
    "路灯不亮",
    "下水堵塞",
    "乱停车",
    "垃圾清运不及时",
    "墙皮脱落",
    "电梯故障",
    "暖气不热",
    "养犬纠纷",
    "违建搭棚",
    "井盖破损",
    "油烟扰民",
    "晾晒占道",
    "飞线充电",
    "树木遮光",
    "门禁损坏",
    "天然气改造",
    "空调滴水",
    "高空抛物",
    "广场舞扰民",
    "费用公示不清",
    "绿化带种菜",
    "雨污混流",
    "外墙渗水",
    "停车收费争议",
    "宠物粪便",
    "装修超时",
    "消防通道被占",
    "电动车进楼",
];
const SAID: [&str; 40] = [
    "住户反映多次无人处理",
    "夜间影响休息",
    "老人出行不便",
    "希望尽快协调",
    "双方各执一词",
    "物业称需业主大会同意",
    "已拍照留存",
    "上月曾报修",
    "邻居愿意配合",
    "影响楼下三户",
    "雨天更严重",
    "请社区牵头商量",
    "孩子上学经过时有危险",
    "门口台阶松动",
    "水表反复走字",
    "施工方电话打不通",
    "房东在外地",
    "租户不肯开门",
    "去年修过一次仍然渗漏",
    "要求赔偿天花板损失",
    "维修基金手续复杂",
    "楼长已经看过现场",
    "对方承认但拖延",
    "家中有残疾人需要照顾",
    "独居老人需要每周探望",
    "低保手续缺一张证明",
    "建议安装监控",
    "周末集中反映较多",
    "愿意分摊费用",
    "管道属于共用部位",
    "希望派出所到场见证",
    "律师已经解释过条款",
    "天黑以后没有照明",
    "冬季供暖前必须解决",
    "与开发商遗留问题有关",
    "图纸找不到了",
    "居民代表意见不统一",
    "已经签字但没有履行",
    "再次回访时表示满意",
    "转交职能部门答复",
];
const SEEN: [&str; 16] = [
    "老人身体尚可，药已备足",
    "家中无人，留了联系卡",
    "燃气软管老化，提醒更换",
    "独居，水电正常",
    "孩子放假在家，由外婆照看",
    "反映楼上夜间有响动",
    "门锁损坏，帮助联系师傅",
    "刚出院，需要轮椅",
    "阳台堆放纸箱，已劝说清理",
    "暖气温度偏低",
    "申请临时救助，已告知材料",
    "新搬来，租期一年",
    "听力不好，电话要打两遍",
    "愿意参加志愿服务",
    "担心电梯加装费用",
    "一切安好",
];
const COMPOUNDS: [&str; 12] = [
    "立功小区",
    "邓家花园",
    "铁路新村",
    "单位家属院",
    "南城根小区",
    "电信家属楼",
    "兰林苑",
    "黄河家园",
    "安宁里",
    "五一新村",
    "静宁路院",
    "民主西路院",
];
const TAGS: [&str; 7] = ["独居老人", "残疾", "困境儿童", "重病", "低保", "孕产妇", "退役军人"];
const CATEGORIES: [&str; 9] =
    ["邻里纠纷", "房屋漏水", "公共设施", "环境卫生", "停车秩序", "物业服务", "困难救助", "安全隐患", "其他"];

/// splitmix64: the same town every time.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub(crate) fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// One of the characters, the first ones more often.
    fn uneven(&mut self, of: &str) -> char {
        let all: Vec<char> = of.chars().collect();
        let most = self.below(all.len()) + 1;
        all[self.below(most)]
    }
}

pub(crate) fn name(rng: &mut Rng) -> String {
    let mut name = String::from(rng.uneven(SURNAMES));
    name.extend((0..=rng.below(3).min(1)).map(|_| rng.uneven(GIVEN)));
    name
}

pub(crate) fn number(rng: &mut Rng) -> String {
    let begins = ["138", "139", "159", "186", "177", "136", "189", "150", "182"];
    format!("{}{:08}", rng.of(&begins), rng.below(100_000_000))
}

pub(crate) fn address(rng: &mut Rng) -> String {
    let door = format!("{}号楼{}单元{}0{}", 1 + rng.below(40), 1 + rng.below(5), 1 + rng.below(18), 1 + rng.below(4));
    if rng.below(3) == 0 { door } else { format!("{}{door}", rng.of(&COMPOUNDS)) }
}

pub(crate) fn concern(rng: &mut Rng) -> String {
    format!("{}{}", rng.of(&WHERE), rng.of(&WHAT))
}

/// All rows, the oldest first, as a pull brings them.
pub(crate) fn rows(cases: usize, visits: usize, households: usize) -> Vec<Row> {
    let mut rng = Rng(20_260_508);
    let mut rows: Vec<Row> = (0..cases).map(|_| case(&mut rng)).collect();
    rows.extend((0..visits).map(|_| visit(&mut rng)));
    rows.extend((0..households).map(|_| household(&mut rng)));
    rows.sort_by_key(|row| row.updated);
    rows
}

fn blank(rng: &mut Rng, kind: DocKind) -> Row {
    let id = u128::from(rng.next()) << 64 | u128::from(rng.next());
    let at = TODAY.plus_ms(-(rng.next() % (900 * DAY_MS.cast_unsigned())).cast_signed());
    let place = Place {
        community: "nanchenggen".parse().expect("slug"),
        grid: ["ncg-1", "ncg-2"][rng.below(2)].parse().expect("slug"),
        building: (rng.below(2) == 0).then(|| ["ncg-1-a", "ncg-1-b"][rng.below(2)].parse().expect("slug")),
        detail: address(rng),
    };
    let time = Hlc(0).next(at);
    Row { place: Some(place), updated: time, began: time, ..Row::unreadable(DocId::from_bytes(id.to_be_bytes()), kind) }
}

fn case(rng: &mut Rng) -> Row {
    let row = blank(rng, DocKind::Case);
    let mut words = String::new();
    for _ in 0..9 {
        let said: &str = SAID[rng.below(SAID.len())];
        words.push_str(said);
        words.push('，');
    }
    let people = (0..2).map(|n| Named { name: name(rng), phone: if n == 0 { number(rng) } else { String::new() } }).collect();
    Row {
        title: concern(rng),
        stage: if rng.below(5) == 0 { "consulting" } else { "closed" }.into(),
        category: (*rng.of(&CATEGORIES)).into(),
        people,
        words: words.chars().take(WORDS_MAX).collect(),
        ..row
    }
}

fn visit(rng: &mut Rng) -> Row {
    let row = blank(rng, DocKind::Visit);
    let words = format!("{} {}", rng.of(&SEEN), if rng.below(3) == 0 { concern(rng) } else { String::new() });
    let title = row.place.as_ref().map(|place| place.detail.clone()).unwrap_or_default();
    Row { title, stage: "met".into(), words, ..row }
}

fn household(rng: &mut Rng) -> Row {
    let row = blank(rng, DocKind::Household);
    let title = row.place.as_ref().map(|place| place.detail.clone()).unwrap_or_default();
    let people = (0..=rng.below(3)).map(|_| Named { name: name(rng), phone: number(rng) }).collect();
    let tags = (0..rng.below(8).saturating_sub(5)).map(|_| (*rng.of(&TAGS)).to_owned()).collect();
    Row { title, stage: "lived_in".into(), people, tags, ..row }
}
