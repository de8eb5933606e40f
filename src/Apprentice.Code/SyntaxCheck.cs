using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;

namespace Apprentice.Code;

/// <summary>Checks that a text can be program text: for C# with Roslyn's parser, for the others by brackets, strings, comments and indentation.</summary>
/// <remarks>A verdict of "ok" outside C# does not promise that a compiler accepts the text. Never throws on a text; thread-safe.</remarks>
public static class SyntaxCheck
{
    private const string Wrapper = "class W{\n";

    /// <summary>Checks a file or fragment; in C#, members without a class, statements and whole files are all accepted.</summary>
    /// <param name="language">Language of the text.</param>
    /// <param name="code">Program text.</param>
    public static SyntaxVerdict Check(Language language, string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        if (string.IsNullOrWhiteSpace(code))
        {
            return new SyntaxVerdict(false, "the text is empty", 1);
        }

        return language == Language.CSharp ? CheckCSharp(code) : CheckBalance(language, code);
    }

    private static SyntaxVerdict CheckCSharp(string code)
    {
        // Members come first, as most texts are methods; a line more stands before them.
        SyntaxVerdict members = Parse(Wrapper + code + "\n}", 1);
        return members.Ok ? members : Parse(code, 0) is { Ok: true } file ? file : members;
    }

    private static SyntaxVerdict Parse(string text, int linesBefore)
    {
        SyntaxNode? root = CSharpSyntax.TryParse(text);
        if (root is null)
        {
            return new SyntaxVerdict(false, "nested too deeply to be parsed");
        }

        if (!root.ContainsDiagnostics)
        {
            return new SyntaxVerdict(true);
        }

        Diagnostic? error = root.SyntaxTree.GetDiagnostics().FirstOrDefault(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        return error is null
            ? new SyntaxVerdict(true)
            : new SyntaxVerdict(
                false,
                $"{error.Id}: {error.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}",
                Math.Max(1, error.Location.GetLineSpan().StartLinePosition.Line + 1 - linesBefore));
    }

    private static SyntaxVerdict CheckBalance(Language language, string code)
    {
        List<CodeToken> tokens = Lexer.Tokenize(language, code);
        Stack<CodeToken> open = new();
        foreach (CodeToken token in tokens)
        {
            switch (token.Kind)
            {
                case CodeTokenKind.String or CodeTokenKind.Character when !Closed(language, token.Text(code)):
                    return new SyntaxVerdict(false, "a literal is not closed", token.Line);
                case CodeTokenKind.Comment when token.Text(code).StartsWith("/*") && (token.Length < 4 || !token.Text(code).EndsWith("*/")):
                    return new SyntaxVerdict(false, "a comment is not closed", token.Line);
                case CodeTokenKind.Operator when Foreign(language, code[token.Start]):
                    return new SyntaxVerdict(false, $"the character '{code[token.Start]}' has no place here", token.Line);
                case CodeTokenKind.Preprocessor when language is Language.C or Language.Cpp && token.Text(code).TrimStart("# \t").StartsWith("el"):
                    // Two branches of conditional compilation may open the same bracket; then balance says nothing.
                    return new SyntaxVerdict(true);
                case CodeTokenKind.Punctuation:
                    char c = code[token.Start];
                    if (c is '(' or '[' or '{')
                    {
                        open.Push(token);
                    }
                    else if (c is ')' or ']' or '}')
                    {
                        char wanted = c == ')' ? '(' : c == ']' ? '[' : '{';
                        if (!open.TryPop(out CodeToken last))
                        {
                            return new SyntaxVerdict(false, $"'{c}' closes nothing", token.Line);
                        }

                        if (code[last.Start] != wanted)
                        {
                            return new SyntaxVerdict(false, $"'{c}' closes the '{code[last.Start]}' of line {last.Line}", token.Line);
                        }
                    }

                    break;
            }
        }

        if (open.TryPop(out CodeToken left))
        {
            return new SyntaxVerdict(false, $"'{code[left.Start]}' is not closed", left.Line);
        }

        return language == Language.Python ? CheckIndentation(code, tokens) : new SyntaxVerdict(true);
    }

    private static bool Foreign(Language language, char c) => c switch
    {
        '`' => true,
        '$' => language is not (Language.Java or Language.JavaScript or Language.C or Language.Cpp),
        '#' => language is not (Language.C or Language.Cpp),
        '?' => language is Language.Python or Language.Go,
        _ => false,
    };

    private static bool Closed(Language language, ReadOnlySpan<char> literal)
    {
        int quote = literal.IndexOfAny("\"'`/");
        if (quote < 0)
        {
            return false;
        }

        char mark = literal[quote];
        if (mark == '/')
        {
            return literal.Length > quote + 1;
        }

        ReadOnlySpan<char> triple = [mark, mark, mark];
        if (language is Language.Python or Language.Java && literal[quote..].StartsWith(triple))
        {
            return literal.Length >= quote + 6 && literal.EndsWith(triple);
        }

        // The lexer ends a literal at its closing quote or, without one, before a line end or at the end of the text.
        if (literal.Length < quote + 2 || literal[^1] != mark)
        {
            return false;
        }

        int slashes = 0;
        bool raw = mark == '`' && language == Language.Go || literal[..quote].Contains('R');
        for (int i = literal.Length - 2; !raw && i > quote && literal[i] == '\\'; i--)
        {
            slashes++;
        }

        return slashes % 2 == 0;
    }

    private static SyntaxVerdict CheckIndentation(string code, List<CodeToken> tokens)
    {
        tokens.RemoveAll(static token => token.Kind == CodeTokenKind.Comment);
        List<(int First, int Column)> lines = PythonFunctions.LogicalLines(code, tokens);
        Stack<int> columns = new();
        if (lines.Count > 0)
        {
            columns.Push(lines[0].Column);
        }

        ReadOnlySpan<CodeToken> all = CollectionsMarshal.AsSpan(tokens);
        for (int i = 0; i < lines.Count; i++)
        {
            CodeToken first = all[lines[i].First];
            int end = i + 1 < lines.Count ? lines[i + 1].First : all.Length;
            bool opened = i > 0 && code[all[lines[i].First - 1].Start] == ':' && all[lines[i].First - 1].Length == 1;
            if (opened != lines[i].Column > columns.Peek())
            {
                return new SyntaxVerdict(false, opened ? "an indented block is missing" : "the line is indented without reason", first.Line);
            }

            if (opened)
            {
                columns.Push(lines[i].Column);
            }

            while (columns.Count > 1 && lines[i].Column < columns.Peek())
            {
                columns.Pop();
            }

            if (lines[i].Column != columns.Peek())
            {
                return new SyntaxVerdict(false, "the indentation fits no line above", first.Line);
            }

            bool compound = first.Kind == CodeTokenKind.Keyword
                && first.Text(code) is "if" or "elif" or "else" or "for" or "while" or "def" or "class" or "try" or "except" or "finally" or "with";
            if (compound && !HasColon(code, all[lines[i].First..end]))
            {
                return new SyntaxVerdict(false, $"'{first.Text(code)}' without a colon", first.Line);
            }
        }

        if (all.Length > 0 && code[all[^1].Start] == ':' && all[^1].Length == 1)
        {
            return new SyntaxVerdict(false, "an indented block is missing", all[^1].Line);
        }

        return new SyntaxVerdict(true);
    }

    private static bool HasColon(string code, ReadOnlySpan<CodeToken> line)
    {
        int depth = 0;
        foreach (CodeToken token in line)
        {
            if (token.Kind == CodeTokenKind.Punctuation)
            {
                char c = code[token.Start];
                depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
                if (c == ':' && depth == 0)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
