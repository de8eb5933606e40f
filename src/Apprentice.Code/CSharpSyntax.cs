using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Apprentice.Code;

/// <summary>Roslyn's parser with the settings that every use here shares.</summary>
internal static class CSharpSyntax
{
    private static readonly CSharpParseOptions s_options = new(LanguageVersion.Preview, DocumentationMode.None);

    /// <summary>The syntax tree's root, or null for a text nested too deeply to be parsed.</summary>
    public static SyntaxNode? TryParse(string text)
    {
        if (Nesting.IsTooDeep(text))
        {
            return null;
        }

        try
        {
            return CSharpSyntaxTree.ParseText(text, s_options).GetRoot();
        }
        catch (InsufficientExecutionStackException)
        {
            return null;
        }
    }
}
