//! Plots as SVG: a format of text that browsers show, so that no library is needed.

mod bars;
mod growth;
mod svg;

pub(crate) use bars::bars;
pub(crate) use growth::growth;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::tests::cell;
    use crate::table::Measured;
    use crate::workload::find;

    /// Every element is closed, every `&` begins an entity, and no number is undefined.
    fn well_formed(svg: &str) {
        let mut open = vec![];
        for tag in svg.split('<').skip(1) {
            let (tag, text) = tag.split_once('>').expect("a tag ends");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag.split([' ', '\n']).next().unwrap_or_default();
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{tag}"),
                None if tag.ends_with('/') => {}
                None => open.push(name),
            }
            assert!(text.split('&').skip(1).all(|entity| entity.starts_with(['a', 'l', 'g'])), "{text}");
        }
        assert_eq!(open, Vec::<&str>::new());
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn both_plots_are_well_formed_and_name_everybody() {
        let mut cells = vec![];
        for size in [1, 50, 100] {
            cells.push(cell(1, "W1", size, "a <&>", 10.0));
            cells.push(cell(1, "W1", size, "b", size as f64));
        }
        let servers = ["a <&>".to_owned(), "b".to_owned()];
        let measured = Measured { cells: &cells, servers: &servers, base: "a <&>" };
        let workloads = ["W1", "W2"].map(|name| *find(name).expect("a workload"));
        for svg in [bars(&measured, &workloads), growth(&measured, &workloads, &[1, 100])] {
            well_formed(&svg);
            assert!(svg.contains("a &lt;&amp;&gt;") && svg.contains(">b</text>"), "{svg}");
        }
    }

    #[test]
    fn a_plot_of_nothing_is_well_formed_too() {
        let measured = Measured { cells: &[], servers: &[], base: "" };
        let workloads = [*find("W1").expect("a workload")];
        well_formed(&bars(&measured, &workloads));
        well_formed(&growth(&measured, &workloads, &[1]));
    }
}
