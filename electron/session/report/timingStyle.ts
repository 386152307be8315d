/** The page's style: dark or light according to the reader's system, and printable. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#5b6570;--line:#d9dee4;--panel:#f5f7f9;--accent:#1f6feb;--band:#1f6feb2e;--gap:#d1242f;--warn:#9a6700;--ok:#1a7f37}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e6e9ed;--soft:#9aa4af;--line:#333a42;--panel:#1c2127;--accent:#6cb0ff;--band:#6cb0ff33;--gap:#ff7b72;--warn:#e3b341;--ok:#56d364}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:980px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;margin:0 0 4px}
h2{font-size:19px;margin:36px 0 8px;padding-top:12px;border-top:1px solid var(--line)}
h3{font-size:15px;margin:24px 0 4px;overflow-wrap:anywhere}
p{margin:6px 0 10px;max-width:75ch}
.soft,figcaption{color:var(--soft)}
figcaption{font-size:13px}
figure{margin:10px 0 18px}
ul{padding-left:0;list-style:none;margin:8px 0}
li{padding:6px 10px 6px 12px;margin:5px 0;border-left:4px solid var(--line);background:var(--panel);overflow-wrap:anywhere}
li.bad{border-color:var(--gap)}li.warn{border-color:var(--warn)}li.claim{border-color:var(--ok)}
li b{white-space:nowrap}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:13.5px;width:100%}
th,td{padding:5px 9px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap;vertical-align:top}
th:first-child,td:first-child{text-align:left;white-space:normal;min-width:130px}
th{font-weight:600;color:var(--soft);white-space:normal}
td.text,th.text{text-align:left;white-space:normal}
svg{display:block;width:100%;height:auto;background:var(--panel);border-radius:6px}
svg text{font:12px system-ui,sans-serif;fill:var(--soft)}
svg .tick{fill:var(--ink)}
.grid{stroke:var(--line);fill:none}.band{fill:var(--band)}.dot{fill:var(--accent)}.bar{stroke:var(--accent);stroke-width:2;fill:none}
.reach{stroke:var(--soft);stroke-width:1;opacity:.45;fill:none}.there{fill:var(--accent);opacity:.55}.gap{fill:var(--gap)}
summary{cursor:pointer;font-weight:600;margin:12px 0 4px}
code{font-size:13px;overflow-wrap:anywhere}
@media print{main{max-width:none;padding:0}svg,figure,li,tr{break-inside:avoid}}
`.trim();
