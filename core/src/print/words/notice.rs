//! What parties are told before anybody mediates: People's Mediation Law, articles 3, 4, 16, 17, 23, 24, 26, 29 to 33;
//! Electronic Signature Law, articles 3, 13, 14; Personal Information Protection Law, articles 28 to 30 and 47. Told in
//! our words, with the article named, so that anyone can look it up.

/// What it is and whom it is for.
pub(in crate::print) const INTRODUCTION: &str =
    "根据《中华人民共和国人民调解法》及有关法律，现将当事人在人民调解活动中的权利和义务告知如下。人民调解不收取任何费用。";

/// Rights.
pub(in crate::print) const RIGHTS: [&str; 7] = [
    "选择或者接受人民调解员（第二十三条）。",
    "接受调解、拒绝调解或者要求终止调解；一方明确拒绝的，不得调解（第十七条、第二十三条）。",
    "要求调解公开进行或者不公开进行（第二十三条）。",
    "自主表达意愿、自愿达成调解协议（第二十三条）。",
    "不因调解而受阻，依法通过仲裁、行政、司法等途径维护自己的权利（第三条）。",
    "调解不成时，由人民调解员告知其他解决纠纷的途径（第二十六条）。",
    "个人隐私和商业秘密受到保护（第十五条）。",
];

/// Duties.
pub(in crate::print) const DUTIES: [&str; 4] = [
    "如实陈述纠纷事实（第二十四条）。",
    "遵守调解现场秩序，尊重人民调解员（第二十四条）。",
    "尊重对方当事人行使权利（第二十四条）。",
    "按照约定履行达成的调解协议（第三十一条）。",
];

/// What an agreement does.
pub(in crate::print) const EFFECT: [&str; 4] = [
    "书面调解协议自各方当事人签名、盖章或者按指印，人民调解员签名并加盖人民调解委员会印章之日起生效；口头协议自达成之日起生效（第二十九条、第三十条）。",
    "调解协议具有法律约束力；就履行或者内容发生争议的，可以向人民法院提起诉讼（第三十一条、第三十二条）。",
    "双方认为有必要的，可以自调解协议生效之日起三十日内共同向人民法院申请司法确认（第三十三条）。",
    "经司法确认有效的，一方拒绝履行或者未全部履行，对方可以向人民法院申请强制执行（第三十三条）。",
];

/// What is particular to signing on a screen.
pub(in crate::print) const SIGNING_ON_A_SCREEN: [&str; 4] = [
    "是否在手机屏幕上签名由当事人自己决定；可以要求打印后在纸面签名。婚姻、收养、继承等人身关系，以及停止供水、供热、供气的事项，须在纸面签名（《电子签名法》第三条）。",
    "签名前可以要求朗读全文；核验码与所见文字一一对应，文字改动，核验码即变。",
    "笔迹的书写速度、压力属于敏感个人信息，只有另行同意才会记录，可以随时要求删除，删除不影响协议的核验（《个人信息保护法》第二十九条、第四十七条）。",
    "身份证号码不写入协议，只保存加盐的摘要。",
];
