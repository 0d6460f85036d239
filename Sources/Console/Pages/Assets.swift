import Hummingbird

/// What the pages bring along: from our own address, so that nobody else hears of a visit.
enum Assets {
    /// `nil` for a path that is none of theirs.
    static func response(_ path: String, isSecure: Bool) -> Response? {
        guard let (type, text) = file(path) else { return nil }
        var response = Response(
            status: .ok, headers: [.contentType: "\(type); charset=utf-8", .cacheControl: "max-age=300"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        response.protect(isSecure: isSecure)
        return response
    }

    private static func file(_ path: String) -> (type: String, text: String)? {
        switch path {
        case "/assets/console.css": ("text/css", stylesheet)
        case "/assets/console.js": ("text/javascript", script)
        case "/robots.txt": ("text/plain", "User-agent: *\nDisallow: /\n")
        default: nil
        }
    }

    private static let stylesheet = """
        :root {
          color-scheme: light dark;
          --ground: #f2f4f1; --card: #fff; --text: #1c2420; --quiet: #58645d; --line: #dfe5e0;
          --accent: #1d6a49; --accent-strong: #155238; --on-accent: #fff; --good: #1d7a4c; --bad: #b3261e;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #131715; --card: #1d2320; --text: #e8eeea; --quiet: #a3b2a9; --line: #333d37;
            --accent: #62c799; --accent-strong: #7fd9af; --on-accent: #0b1912; --good: #74d6a7; --bad: #ff9a90;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; min-height: 100vh; padding: 8vh 1rem 4rem; background: var(--ground); color: var(--text);
          font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
          overflow-wrap: anywhere;
        }
        header, main { max-width: 34rem; margin: 0 auto; }
        header {
          display: flex; align-items: center; gap: .55rem; padding: 0 .25rem 1rem; color: var(--quiet); font-weight: 600;
        }
        main {
          padding: clamp(1.4rem, 5vw, 2.4rem); background: var(--card); border: 1px solid var(--line);
          border-radius: 1rem; box-shadow: 0 1px 2px rgb(0 0 0 / 4%), 0 12px 32px rgb(0 0 0 / 6%);
        }
        h1 { margin: 0 0 1.1rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance; }
        h2 { margin: 1.6rem 0 .4rem; font-size: 1rem; }
        p { margin: .8rem 0; text-wrap: pretty; }
        main > :last-child { margin-bottom: 0; }
        dl { margin: 0; padding: 1rem 1.15rem; background: var(--ground); border-radius: .7rem; }
        dt { color: var(--quiet); font-size: .875rem; }
        dt:not(:first-child) { margin-top: .7rem; }
        dd { margin: 0; }
        ul { margin: 0; padding-left: 1.2rem; }
        li { margin: .35rem 0; }
        form { margin: 1.6rem 0 1.2rem; }
        button, .button {
          display: block; width: 100%; padding: .85rem 1.2rem; border: 0; border-radius: .7rem; background: var(--accent);
          color: var(--on-accent); font: inherit; font-weight: 600; text-align: center; text-decoration: none;
          cursor: pointer;
        }
        button:hover, .button:hover { background: var(--accent-strong); }
        button:disabled { opacity: .6; cursor: default; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
        .quiet, details { color: var(--quiet); font-size: .875rem; }
        details { margin-top: 1.4rem; padding-top: 1rem; border-top: 1px solid var(--line); }
        summary { cursor: pointer; }
        .steps { margin: 1.2rem 0; padding: 0; list-style: none; }
        .steps li {
          display: flex; align-items: center; gap: .75rem; margin: 0; padding: .7rem 0; border-bottom: 1px solid var(--line);
        }
        .steps svg { flex: none; }
        .steps span { flex: 1; }
        .steps small { color: var(--quiet); font-size: .875rem; }
        .steps .ok svg { color: var(--good); }
        .steps .failed svg, .steps .failed small { color: var(--bad); }
        .steps .waiting, .steps .skipped { color: var(--quiet); }
        .steps .running svg { color: var(--accent); animation: turn 1s linear infinite; }
        @keyframes turn { to { transform: rotate(360deg); } }
        @media (prefers-reduced-motion: reduce) { .steps .running svg { animation: none; } }

        """

    /// Without it everything works, too: pages are loaded again as a whole.
    private static let script = #"""
        "use strict";
        const main = document.querySelector("main");

        // One click is one sign-in; whoever comes back to the page may click again.
        document.addEventListener("submit", (event) => {
          const button = event.target.querySelector("button");
          setTimeout(() => { button.disabled = true; });
        });
        addEventListener("pageshow", () => {
          for (const button of document.querySelectorAll("button")) button.disabled = false;
        });

        // Puts what has changed into the page, until nothing will change any more.
        async function follow() {
          try {
            const answer = await fetch(location.href, { cache: "no-store", redirect: "error" });
            if (answer.ok) {
              const page = new DOMParser().parseFromString(await answer.text(), "text/html");
              const next = page.querySelector("main");
              main.replaceChildren(...next.childNodes);
              if (!("live" in next.dataset)) {
                delete main.dataset.live;
                return;
              }
            } else if (answer.status < 500 && answer.status !== 429) {
              return;
            }
          } catch {
            // The network comes and goes.
          }
          setTimeout(follow, 1000);
        }
        if ("live" in main.dataset) setTimeout(follow, 500);

        """#
}
