using System.Runtime.InteropServices;
using System.Text;

namespace Apprentice.Code;

/// <summary>Another view of the same function for contrastive training: local names exchanged, comments gone, written in another layout.</summary>
/// <remarks>
/// Source of the idea: Jain et al., 2021 (ContraCode), arXiv:2007.04973, section 3.1. Names count as local by their shape (parameters and what is declared or assigned);
/// keywords, members behind a dot, called functions, named arguments and property names are never touched. The token sequence keeps its length but for Python's documentation strings.
/// Thread-safe; all randomness comes from the caller.
/// </remarks>
public static class Renaming
{
    private static readonly string[] s_words =
    [
        "a", "b", "c", "d", "e", "k", "m", "n", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "value", "item", "result", "data", "count", "total", "temp",
        "current", "index", "position", "buffer", "input", "output", "source", "target", "left", "right", "first", "second", "other", "entry", "element", "number",
        "amount", "limit", "offset", "size", "flag", "state", "node", "list", "values", "items", "name", "text", "key", "pair", "part", "rest", "head", "tail",
        "acc", "arg", "cur", "res", "ret", "val", "obj", "cnt", "num", "pos", "ptr", "buf", "len", "tmp", "str", "elem", "prev", "step", "sum", "best", "found",
    ];

    /// <summary>A renamed and newly laid out version of a function.</summary>
    /// <param name="language">Language of the function.</param>
    /// <param name="code">The function.</param>
    /// <param name="next">Gives a number from 0 to its argument, that one excluded, each as likely.</param>
    public static string Rename(Language language, string code, Func<int, int> next)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(next);
        BraceStructure structure = BraceStructure.Read(language, code);
        Dictionary<string, string> renamed = Choose(language, structure, next, out Dictionary<int, string> uses);
        List<CodeToken> tokens = Lexer.Tokenize(language, code);
        Docstrings.RemoveSilent(language, code, tokens);
        Layout layout = new(next(3) switch { 0 => "  ", 1 => "    ", _ => "\t" }, next(3) == 0, next(2) == 0);
        return new Writer(language, code, tokens, uses, renamed, layout).Write();
    }

    private readonly record struct Layout(string Indent, bool Compact, bool BraceBehind);

    private static Dictionary<string, string> Choose(Language language, BraceStructure text, Func<int, int> next, out Dictionary<int, string> uses)
    {
        LocalNames locals = LocalNames.Of(language, text);
        HashSet<string> taken = new(StringComparer.Ordinal);
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> taking = taken.GetAlternateLookup<ReadOnlySpan<char>>();
        bool[] kept = new bool[locals.Names.Count];
        for (int i = 0; i < text.Count; i++)
        {
            if (text.IsKind(i, CodeTokenKind.Identifier))
            {
                taking.Add(text.Text(i));
                if (locals.Use(i) is int id && id >= 0)
                {
                    // A property written in short, { name }, would get another name; a called name may be a function of elsewhere.
                    kept[id] |= (language == Language.JavaScript && (text.Is(i + 1, '}') || (text.Is(i + 1, ',') && text.Is(i - 1, '{')))) || text.Is(i + 1, '(');
                }
            }
        }

        Dictionary<string, string> renamed = new(StringComparer.Ordinal);
        for (int id = 0; id < kept.Length; id++)
        {
            if (kept[id])
            {
                continue;
            }

            int at = next(s_words.Length);
            string? name = null;
            for (int i = 0; i < s_words.Length && name is null; i++)
            {
                string candidate = s_words[(at + i) % s_words.Length];
                name = taken.Contains(candidate) || LexicalRules.Of(language).IsKeyword(candidate) ? null : candidate;
            }

            for (int number = 0; name is null; number++)
            {
                name = taken.Contains("v" + number) ? null : "v" + number;
            }

            taken.Add(name);
            renamed.Add(locals.Names[id], name);
        }

        uses = [];
        for (int i = 0; i < text.Count; i++)
        {
            int id = locals.Use(i);
            if (id >= 0 && !kept[id])
            {
                uses.Add(text.Tokens[i].Start, renamed[locals.Names[id]]);
            }
        }

        return renamed;
    }

    private ref struct Writer(Language language, string code, List<CodeToken> tokens, Dictionary<int, string> uses, Dictionary<string, string> renamed, Layout layout)
    {
        private readonly StringBuilder _result = new(code.Length + 16);
        private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _renamed = renamed.GetAlternateLookup<ReadOnlySpan<char>>();
        private int _braces;
        private int _brackets;

        public string Write()
        {
            Dictionary<int, int> starts = language == Language.Python ? PythonDepths() : [];
            ReadOnlySpan<CodeToken> all = CollectionsMarshal.AsSpan(tokens);
            int line = 0;
            for (int i = 0; i < all.Length; i++)
            {
                CodeToken token = all[i];
                char c = token.Kind == CodeTokenKind.Punctuation ? code[token.Start] : '\0';
                if (c == '}')
                {
                    _braces = Math.Max(0, _braces - 1);
                }
                else if (c is ')' or ']')
                {
                    _brackets = Math.Max(0, _brackets - 1);
                }

                if (language == Language.Python)
                {
                    if (starts.TryGetValue(i, out int depth))
                    {
                        NewLine(depth, i > 0);
                    }
                    else if (i > 0)
                    {
                        Space(all[i - 1], token);
                    }
                }
                else if (i > 0 && token.Line == line)
                {
                    Space(all[i - 1], token);
                }
                else if (c == '{' && layout.BraceBehind && i > 0 && code[all[i - 1].Start] == ')' && all[i - 1].Kind == CodeTokenKind.Punctuation)
                {
                    _result.Append(' ');
                }
                else
                {
                    NewLine(token.Kind == CodeTokenKind.Preprocessor ? 0 : _braces + Math.Min(_brackets, 2), i > 0);
                }

                if (uses.TryGetValue(token.Start, out string? name))
                {
                    _result.Append(name);
                }
                else if (token.Kind == CodeTokenKind.String && renamed.Count > 0)
                {
                    Literal(token.Text(code));
                }
                else
                {
                    _result.Append(token.Text(code));
                }

                line = token.Line + (token.Kind is CodeTokenKind.String or CodeTokenKind.Preprocessor ? token.Text(code).Count('\n') : 0);
                _braces += c == '{' ? 1 : 0;
                _brackets += c is '(' or '[' ? 1 : 0;
            }

            return _result.ToString();
        }

        /// <summary>The depth of each logical line by its first token.</summary>
        private readonly Dictionary<int, int> PythonDepths()
        {
            Dictionary<int, int> depths = [];
            Stack<int> columns = new();
            foreach ((int first, int column) in PythonFunctions.LogicalLines(code, tokens))
            {
                while (columns.TryPeek(out int top) && top > column)
                {
                    columns.Pop();
                }

                if (!columns.TryPeek(out int last) || last < column)
                {
                    columns.Push(column);
                }

                depths.Add(first, columns.Count - 1);
            }

            return depths;
        }

        private readonly void NewLine(int depth, bool notFirst)
        {
            if (notFirst)
            {
                _result.Append('\n');
            }

            for (int i = 0; i < depth; i++)
            {
                _result.Append(layout.Indent);
            }
        }

        private readonly void Space(CodeToken before, CodeToken after)
        {
            if (before.End == after.Start)
            {
                return;
            }

            bool tight = before.Kind is CodeTokenKind.Punctuation && code[before.Start] is '(' or '[' or ',' or ';'
                || (after.Kind is CodeTokenKind.Punctuation && code[after.Start] is ')' or ']' or ',' or ';')
                || (IsWord(before.Kind) && after.Kind == CodeTokenKind.Operator) || (before.Kind == CodeTokenKind.Operator && IsWord(after.Kind));
            if (!(layout.Compact && tight) || before.Kind == CodeTokenKind.Preprocessor)
            {
                _result.Append(' ');
            }
        }

        private static bool IsWord(CodeTokenKind kind) => kind is CodeTokenKind.Identifier or CodeTokenKind.Keyword;

        /// <summary>A literal, with the names inside the holes of an interpolated one exchanged.</summary>
        private readonly void Literal(ReadOnlySpan<char> text)
        {
            bool holes = language switch
            {
                Language.Python => text[0] is 'f' or 'F' || (text[0] is 'r' or 'R' && text[1] is 'f' or 'F'),
                Language.CSharp => text[0] == '$' || (text[0] == '@' && text.Length > 1 && text[1] == '$'),
                Language.JavaScript => text[0] == '`',
                _ => false,
            };
            int at = 0;
            int depth = 0;
            while (at < text.Length)
            {
                char c = text[at];
                if (!holes || (depth > 0 && !Lexer.IsNameStart(c)) || depth == 0)
                {
                    if (!holes)
                    {
                        _result.Append(text[at..]);
                        return;
                    }

                    if (c == '{' && depth == 0 && at + 1 < text.Length && text[at + 1] == '{' && language != Language.JavaScript)
                    {
                        _result.Append("{{");
                        at += 2;
                        continue;
                    }

                    bool opens = c == '{' && (language != Language.JavaScript || depth > 0 || (at > 0 && text[at - 1] == '$'));
                    depth += opens ? 1 : c == '}' && depth > 0 ? -1 : 0;
                    _result.Append(c);
                    at++;
                    continue;
                }

                int end = at;
                while (end < text.Length && Lexer.IsNamePart(text[end]))
                {
                    end++;
                }

                bool own = at > 0 && text[at - 1] is not ('.' or '"' or '\'' or '!') && !char.IsAsciiLetterOrDigit(text[at - 1]);
                if (own && _renamed.TryGetValue(text[at..end], out string? name))
                {
                    _result.Append(name);
                }
                else
                {
                    _result.Append(text[at..end]);
                }

                at = end;
            }
        }
    }
}
