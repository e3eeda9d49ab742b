//! What people would type to find the five cases of Guangwumen. What the report does not say (doors, names, numbers) is
//! filler.

use doorstep_core::case::Reporter;
use doorstep_tests::{Phone, World, scenes};

use super::titles;

const WATER: &str = "自装阀门致邻居停水";
const GAS: &str = "天然气入户方案争议";
const WALL: &str = "围墙地基下沉倾斜";
const CARS: &str = "邓家花园周边乱停车";
const CHILDREN: &str = "父母病重两名幼儿无人照料";

/// Title, community and grid, detail, category, account, reporter (filler but 魏某).
const CASES: [(&str, &str, &str, &str, &str, &str, &str); 5] = [
    (WATER, "nanchenggen", "ncg-1", "单位家属院2单元", "邻里纠纷", "住户在公共立管上自装阀门，致其他住户停水。", "李秀英"),
    (GAS, "ligong", "lg-1", "立功小区", "公共设施", "小区拟接通天然气，居民对管道走向意见不一。", "王德发"),
    (WALL, "nanchengjie", "ncj-1", "电信局临时板房旁", "安全隐患", "板房雨水多年排入三角地带，围墙墙基下沉。", "马建军"),
    (CARS, "guanghoujie", "ghj-1", "邓家花园周边道路", "停车秩序", "新建道路车辆乱停、垃圾乱倒。", "陈桂兰"),
    (CHILDREN, "nanchenggen", "ncg-1", "南城根", "困难救助", "家长患病多年，无力照料两名幼儿，亲属协商未果。", "魏某"),
];

fn supervisor(world: &World) -> Phone {
    for (title, community, grid, detail, category, account, name) in CASES {
        let lead = match community {
            "nanchenggen" => "lead-ncg",
            "ligong" => "lead-lg",
            "nanchengjie" => "lead-ncj",
            _ => "lead-ghj",
        };
        let phone = world.phone(lead);
        let mut report = scenes::reported(title);
        report.place = scenes::place_in(community, grid);
        report.place.detail = detail.into();
        report.category = category.into();
        report.account = account.into();
        report.reporter = Some(Reporter { name: name.into(), phone: String::new() });
        phone.device().report(report).unwrap();
        phone.settle();
    }
    world.phone("supervisor")
}

#[test]
fn each_of_the_five_cases_is_found_by_what_people_call_it() {
    let world = World::new(321);
    let phone = supervisor(&world);
    for (text, found) in [
        ("阀门", WATER),
        ("停水", WATER),
        ("家属院", WATER),
        ("公共立管", WATER),
        ("lxy", WATER),
        ("天然气", GAS),
        ("燃气", ""),
        ("立功", GAS),
        ("管道", GAS),
        ("围墙", WALL),
        ("墙基", WALL),
        ("板房 雨水", WALL),
        ("电信局", WALL),
        ("邓家花园", CARS),
        ("停车", CARS),
        ("垃圾", CARS),
        ("cgl", CARS),
        ("幼儿", CHILDREN),
        ("魏某", CHILDREN),
        ("wm", CHILDREN),
        ("困难救助", CHILDREN),
        ("南城根幼儿", CHILDREN),
    ] {
        let expected: Vec<&str> = if found.is_empty() { vec![] } else { vec![found] };
        assert_eq!(titles(&phone, text), expected, "{text}");
    }
    let both = titles(&phone, "停");
    assert_eq!(both.len(), 2, "停水 and 停车: {both:?}");
}
