namespace Apprentice.Code;

/// <summary>What a lexical token is.</summary>
public enum CodeTokenKind
{
    /// <summary>A name that is no reserved word.</summary>
    Identifier,

    /// <summary>A reserved word of the language; the literals <c>true</c>, <c>false</c>, <c>null</c> and their kin are among them.</summary>
    Keyword,

    /// <summary>A numeric literal with its prefix and suffix.</summary>
    Number,

    /// <summary>A string literal of any form with its prefix and quotes; interpolated strings are one token; JavaScript's regular expressions too.</summary>
    String,

    /// <summary>A character literal with its quotes.</summary>
    Character,

    /// <summary>An operator, longest match first.</summary>
    Operator,

    /// <summary>A bracket, comma, semicolon, colon or full stop.</summary>
    Punctuation,

    /// <summary>A line or block comment with its markers.</summary>
    Comment,

    /// <summary>A preprocessor directive of C, C++ or C# with its continuation lines, up to a comment.</summary>
    Preprocessor,
}

/// <summary>One lexical token: a range of the text that it was read from.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Index of its first UTF-16 character.</param>
/// <param name="Length">Number of UTF-16 characters, at least 1.</param>
/// <param name="Line">1-based line of its first character; lines end at <c>\n</c>.</param>
public readonly record struct CodeToken(CodeTokenKind Kind, int Start, int Length, int Line)
{
    /// <summary>Index after the last character.</summary>
    public int End => Start + Length;

    /// <summary>The token's characters in the text that it was read from.</summary>
    /// <param name="code">The text given to <see cref="Lexer"/>.</param>
    public ReadOnlySpan<char> Text(string code) => code.AsSpan(Start, Length);
}
