namespace Apprentice.Code;

/// <summary>One function, method or constructor inside a text.</summary>
/// <param name="Name">Its simple name; <c>operator +</c> and <c>~Name</c> for those of C++ and C#.</param>
/// <param name="Start">Index of its first UTF-16 character: modifiers, annotations, decorators, attributes and template heads belong to it, comments before it do not.</param>
/// <param name="End">Index after its last character.</param>
/// <param name="StartLine">1-based line of its first character.</param>
/// <param name="EndLine">1-based line of its last character.</param>
public sealed record CodeFunction(string Name, int Start, int End, int StartLine, int EndLine)
{
    /// <summary>Number of parameters by the commas of its parameter list (Python's <c>self</c> counts); -1 where it has no list.</summary>
    public int ParameterCount { get; init; } = -1;

    /// <summary>Number of lines that it touches.</summary>
    public int LineCount => EndLine - StartLine + 1;

    /// <summary>Its characters in the text that it was found in.</summary>
    /// <param name="code">The text given to <see cref="FunctionFinder.Find"/>.</param>
    public string Text(string code) => code[Start..End];
}
