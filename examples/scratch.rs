use brokerproof::decide::{decide, limits, trace};
use brokerproof::guarantee::Guarantee;
use brokerproof::report::{
    Style, diagram::diagram, names::Names, sentences::*, story::Story, verdict::verdict,
};
use brokerproof::scenario::load;
use brokerproof::world::Scene;
use std::ops::ControlFlow;
fn main() {
    let width = std::env::var("W").ok().and_then(|w| w.parse().ok()).unwrap_or(100);
    for path in std::env::args().skip(1) {
        let scenario = load(path.as_ref()).unwrap_or_else(|e| panic!("{e}"));
        let decided = decide(&scenario, &limits(&scenario), &mut |_| ControlFlow::Continue(()));
        let style = Style::plain(width);
        print!("{}", verdict(&scenario, &decided, style));
        let scene = Scene::new(scenario.setting.clone());
        for g in Guarantee::ALL {
            let Some(b) = decided.breach(*g) else { continue };
            let mut schedule = b.schedule.clone();
            schedule.actions.extend(b.circle.iter().copied());
            let tr = trace(&scene, &schedule).unwrap();
            let story = Story::of_finding(&scenario.setting, &tr, &b.finding, b.circle.len());
            let names = Names::new(&scenario.setting, &tr.topics);
            println!("\n==== {} {:?}", g.name(), b.finding);
            for a in &schedule.actions {
                println!("    {}", scenario.setting.action_text(a));
            }
            print!("{}", cast(names, style));
            if let Some(d) = diagram(names, &story, style) {
                print!("\n{d}");
            }
            print!("\n{}", sentences(&story, style));
            for e in &story.endings {
                println!("\n  => {e}");
            }
        }
    }
}
