using System.Text;
using Apprentice.Code;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Language = Apprentice.Code.Language;

namespace Apprentice.Generation;

/// <summary>What was found in an answer.</summary>
/// <param name="Code">The candidate's text, line ends <c>\n</c>; null when there is none.</param>
/// <param name="Problem">Why there is none: <c>empty</c>, <c>refused</c>, <c>cut</c>, <c>no code</c> or <c>no function</c>, with details; null when there is a candidate.</param>
/// <param name="Repairs">What was put right on the way, for example <c>renamed Sum to Total</c>; empty when nothing.</param>
public sealed record ParsedAnswer(string? Code, string? Problem, IReadOnlyList<string> Repairs);

/// <summary>Takes the code out of an LLM's answer: fences, prose around it, several blocks, an echoed prompt, end markers, a class around it, renamed functions.</summary>
/// <remarks>Nothing is guessed beyond layout and name: what the function does is left as it was written. Pure and thread-safe.</remarks>
public static class AnswerParser
{
    /// <summary>Longest answer that is looked at, in UTF-16 units: 256 Ki.</summary>
    public const int LongestAnswer = 1 << 18;

    /// <summary>The line after which an answer is over, in the built-in prompts.</summary>
    private const string EndMarker = "### End";

    private static readonly string[] s_startMarkers = ["### Buggy function", "### Implementation"];

    private static readonly string[] s_refusals = ["I can't", "I cannot", "I can’t", "I'm sorry", "I’m sorry", "I am unable", "I'm unable", "As an AI"];

    /// <summary>Parses an answer.</summary>
    /// <param name="answer">Text of the answer.</param>
    /// <param name="language">Language asked for.</param>
    /// <param name="functionName">Name that the function must have; a single function of another name is renamed.</param>
    /// <param name="finishReason">As the provider gave it; <c>length</c> means cut.</param>
    public static ParsedAnswer Parse(string answer, Language language, string functionName, string? finishReason = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentException.ThrowIfNullOrEmpty(functionName);
        if (answer.Length > LongestAnswer)
        {
            return Failed($"no code: {answer.Length:N0} characters; answers of up to {LongestAnswer:N0} are read");
        }

        string text = Body(answer.ReplaceLineEndings("\n"), functionName, out bool ended);
        if (string.IsNullOrWhiteSpace(text))
        {
            return Failed("empty");
        }

        bool cut = !ended && finishReason is "length" or "max_tokens";
        List<string> repairs = [];
        string? code = FromFences(text, language, functionName, out bool open) ?? (open ? null : FromProse(text, language, functionName));
        if (open && !ended && finishReason is not "stop")
        {
            cut = true;
        }

        if (code is null || string.IsNullOrWhiteSpace(code))
        {
            return s_refusals.Any(r => text.Contains(r, StringComparison.OrdinalIgnoreCase)) ? Failed("refused")
                : cut ? Failed("cut: the answer ends before its code does")
                : Failed("no code: nothing in the answer looks like a function");
        }

        if (language == Language.CSharp)
        {
            code = UnwrapClass(code, functionName, repairs);
        }

        code = Dedent(code).TrimEnd('\n', ' ', '\t') + "\n";
        if (cut)
        {
            return Failed($"cut: the answer ends after {code.AsSpan().Count('\n')} lines of code");
        }

        return Rename(code.TrimEnd('\n'), language, functionName, repairs);
    }

    private static ParsedAnswer Failed(string problem) => new(null, problem, []);

    // What lies between the last start marker, if the prompt was echoed, and the first end marker after it.
    private static string Body(string text, string functionName, out bool ended)
    {
        int start = 0;
        foreach (string marker in s_startMarkers)
        {
            for (int at = FindLine(text, marker, 0); at >= 0; at = FindLine(text, marker, at + 1))
            {
                int after = text.IndexOf('\n', at);
                if (after >= 0 && after + 1 > start && text.IndexOf(functionName, after, StringComparison.Ordinal) >= 0)
                {
                    start = after + 1;
                }
            }
        }

        int end = FindLine(text, EndMarker, start);
        ended = end >= 0;
        return ended ? text[start..end] : text[start..];
    }

    private static int FindLine(string text, string line, int from)
    {
        for (int at = text.IndexOf(line, from, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(line, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (at == 0 || text[at - 1] == '\n')
            {
                return at;
            }
        }

        return -1;
    }

    // The last block that holds the wanted name, because models show the original before the changed form; else the longest block.
    private static string? FromFences(string text, Language language, string functionName, out bool open)
    {
        List<string> blocks = [];
        StringBuilder? block = null;
        string fence = "";
        foreach (string line in text.Split('\n'))
        {
            string trimmed = line.TrimStart();
            if (block is null)
            {
                if (trimmed.StartsWith("```", StringComparison.Ordinal) || trimmed.StartsWith("~~~", StringComparison.Ordinal))
                {
                    fence = trimmed[..trimmed.TakeWhile(c => c == trimmed[0]).Count()];
                    block = new StringBuilder();
                }
            }
            else if (trimmed.StartsWith(fence, StringComparison.Ordinal) && trimmed.TrimEnd().All(c => c == fence[0]))
            {
                blocks.Add(block.ToString());
                block = null;
            }
            else
            {
                block.Append(line).Append('\n');
            }
        }

        open = block is not null;
        if (open && block!.Length > 0)
        {
            blocks.Add(block.ToString());
        }

        List<string> named = blocks.FindAll(b => b.Contains(functionName, StringComparison.Ordinal) && FunctionFinder.Find(language, b).Any(f => f.Name == functionName));
        return named.Count > 0 ? named[^1] : blocks.Where(b => FunctionFinder.Find(language, b).Count > 0).MaxBy(b => b.Length) ?? blocks.MaxBy(b => b.Length);
    }

    // The span of lines from the first that starts a function to the last that ends one.
    private static string? FromProse(string text, Language language, string functionName)
    {
        string[] lines = text.Split('\n');
        int first = Array.FindIndex(lines, l => StartsCode(l, language, functionName));
        if (first < 0)
        {
            return null;
        }

        int last = lines.Length - 1;
        while (last > first && !EndsCode(lines[last], language))
        {
            last--;
        }

        return string.Join('\n', lines[first..(last + 1)]);
    }

    private static bool StartsCode(string line, Language language, string functionName)
    {
        string trimmed = line.TrimStart();
        if (trimmed.Length == 0)
        {
            return false;
        }

        string first = new([.. trimmed.TakeWhile(c => char.IsLetterOrDigit(c) || c is '_' or '@' or '#')]);
        bool opens = language switch
        {
            Language.Python => first is "def" or "async" or "import" or "from" || trimmed[0] == '@',
            Language.Go => first is "func" or "import" or "package" or "type" or "var" or "const",
            Language.JavaScript => first is "function" or "async" or "const" or "let" or "var" or "export" or "class",
            _ => first is "public" or "private" or "internal" or "protected" or "static" or "using" or "namespace" or "class" or "import" or "package" or "#include"
                || trimmed.StartsWith("///", StringComparison.Ordinal) || trimmed.StartsWith("/*", StringComparison.Ordinal) || trimmed.StartsWith("[", StringComparison.Ordinal),
        };
        return (opens && !EndsLikeProse(trimmed))
            || (trimmed.Contains(functionName + "(", StringComparison.Ordinal) && !EndsLikeProse(trimmed) && char.IsLetter(trimmed[0]) && trimmed.Contains(')', StringComparison.Ordinal)
                && (trimmed.EndsWith('{') || trimmed.EndsWith(')') || trimmed.EndsWith(':') || trimmed.Contains("=>", StringComparison.Ordinal) || trimmed.EndsWith('}')));
    }

    private static bool EndsLikeProse(string line) => line.TrimEnd() is [.., '.' or '?' or '!'] or [.., _, ':'] && line.Contains(' ', StringComparison.Ordinal)
        && !line.Contains('(', StringComparison.Ordinal);

    private static bool EndsCode(string line, Language language)
    {
        string trimmed = line.TrimEnd();
        return language == Language.Python
            ? trimmed.Length > 0 && (char.IsWhiteSpace(trimmed[0]) || StartsCode(trimmed, language, "\0"))
            : trimmed.EndsWith('}') || trimmed.EndsWith(';');
    }

    // Using lines and one class or namespace around the methods are taken off.
    private static string UnwrapClass(string code, string functionName, List<string> repairs)
    {
        if (Nesting.IsTooDeep(code))
        {
            return code;
        }

        CompilationUnitSyntax root = CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.None)).GetCompilationUnitRoot();
        SyntaxList<MemberDeclarationSyntax> members = root.Members;
        bool unwrapped = root.Usings.Count > 0;
        while (members is [BaseNamespaceDeclarationSyntax space])
        {
            members = space.Members;
            unwrapped = true;
        }

        // The class that holds the function; types beside it (a record that the answer declares) are kept.
        TypeDeclarationSyntax? type = members.OfType<TypeDeclarationSyntax>()
            .FirstOrDefault(t => t.Members.OfType<MethodDeclarationSyntax>().Any(m => m.Identifier.ValueText == functionName))
            ?? (members is [ClassDeclarationSyntax only] && only.Members.OfType<MethodDeclarationSyntax>().Any() ? only : null);
        if (type is not null && type.Members.Count > 0)
        {
            StringBuilder text = new(Slice(code, type.Members));
            foreach (MemberDeclarationSyntax other in members.Where(m => m != type))
            {
                text.Append("\n\n").Append(Dedent(other.ToString()));
            }

            repairs.Add($"taken out of class {type.Identifier.ValueText}");
            return text.ToString();
        }

        if (unwrapped && members.Count > 0)
        {
            repairs.Add("using lines taken off");
            return Slice(code, members);
        }

        return code;
    }

    private static string Slice(string code, SyntaxList<MemberDeclarationSyntax> members)
    {
        int start = members[0].FullSpan.Start;

        // The full span of the first member starts behind the brace before it, on that brace's line.
        int line = code.IndexOf('\n', start);
        if (line >= 0 && line < members[0].SpanStart && string.IsNullOrWhiteSpace(code[start..line]))
        {
            start = line + 1;
        }

        return Dedent(code[start..members[^1].Span.End]);
    }

    private static string Dedent(string code)
    {
        string[] lines = code.Trim('\n').Split('\n');
        int common = int.MaxValue;
        foreach (string line in lines)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                common = Math.Min(common, line.Length - line.TrimStart(' ', '\t').Length);
            }
        }

        return common is 0 or int.MaxValue
            ? string.Join('\n', lines)
            : string.Join('\n', lines.Select(l => l.Length >= common ? l[common..] : l.TrimStart()));
    }

    private static ParsedAnswer Rename(string code, Language language, string functionName, List<string> repairs)
    {
        IReadOnlyList<CodeFunction> functions = FunctionFinder.Find(language, code);
        if (functions.Any(f => f.Name == functionName))
        {
            return new ParsedAnswer(code, null, repairs);
        }

        List<CodeToken> tokens = Lexer.Tokenize(language, code);
        bool Named(CodeToken token, string name) => token.Kind == CodeTokenKind.Identifier && token.Text(code).SequenceEqual(name);
        if (functions.Count == 0)
        {
            // Broken code is a candidate too: the syntax check names what is wrong with it.
            return tokens.Exists(t => Named(t, functionName))
                ? new ParsedAnswer(code, null, repairs)
                : Failed("no function: the answer holds no function");
        }

        string found = functions[0].Name;
        if (found.Length == 0 || functions.Count > 1 && functions.Skip(1).Any(f => f.Name == found))
        {
            return Failed($"no function: none is called {functionName}");
        }

        StringBuilder renamed = new(code);
        foreach (CodeToken token in Enumerable.Reverse(tokens).Where(t => Named(t, found)))
        {
            renamed.Remove(token.Start, token.Length).Insert(token.Start, functionName);
        }

        repairs.Add($"renamed {found} to {functionName}");
        return new ParsedAnswer(renamed.ToString(), null, repairs);
    }
}
