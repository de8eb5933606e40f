using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Apprentice.Code;

/// <summary>Functions of C# by Roslyn's syntax tree.</summary>
internal static class CSharpFunctions
{
    private const string Wrapper = "class W{\n";

    public static IReadOnlyList<CodeFunction> Find(string code)
    {
        // A fragment without a type is read as the members of one; a constructor would not be recognised otherwise.
        bool bare = !HasType(code);
        string text = bare ? Wrapper + code + "\n}" : code;
        int shift = bare ? Wrapper.Length : 0;
        SyntaxNode? root = CSharpSyntax.TryParse(text);
        if (root is null)
        {
            return [];
        }

        int line = 1;
        int counted = 0;
        List<CodeFunction> found = [];
        foreach (SyntaxNode node in root.DescendantNodes(static node => !IsFunction(node)))
        {
            if (!IsFunction(node))
            {
                continue;
            }

            int start = node.SpanStart - shift;
            int end = Math.Min(node.Span.End - shift, code.Length);
            if (start < 0 || end <= start)
            {
                continue;
            }

            line += code.AsSpan(counted, start - counted).Count('\n');
            counted = start;
            found.Add(new CodeFunction(NameOf(node), start, end, line, line + code.AsSpan(start, end - start).Count('\n'))
            {
                ParameterCount = ParametersOf(node)?.Parameters.Count ?? -1,
            });
        }

        return found;
    }

    private static bool HasType(string code)
    {
        foreach (CodeToken token in Lexer.Tokenize(Language.CSharp, code))
        {
            if (token.Kind == CodeTokenKind.Keyword && token.Text(code) is "class" or "struct" or "interface" or "namespace" or "enum")
            {
                // A constraint such as 'where T : class' is none.
                int before = token.Start - 1;
                while (before >= 0 && char.IsWhiteSpace(code[before]))
                {
                    before--;
                }

                if (before < 0 || code[before] is not (':' or ','))
                {
                    return true;
                }
            }
            else if (token.Kind == CodeTokenKind.Identifier && token.Text(code) is "record")
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFunction(SyntaxNode node) => node switch
    {
        BaseMethodDeclarationSyntax method => method.Body is not null || method.ExpressionBody is not null,
        LocalFunctionStatementSyntax function => function.Body is not null || function.ExpressionBody is not null,
        BasePropertyDeclarationSyntax property => property.AccessorList?.Accessors.Any(accessor => accessor.Body is not null) == true,
        _ => false,
    };

    private static string NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.ValueText,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.ValueText,
        DestructorDeclarationSyntax destructor => "~" + destructor.Identifier.ValueText,
        OperatorDeclarationSyntax op => "operator " + op.OperatorToken.ValueText,
        ConversionOperatorDeclarationSyntax conversion => "operator " + conversion.Type,
        LocalFunctionStatementSyntax function => function.Identifier.ValueText,
        PropertyDeclarationSyntax property => property.Identifier.ValueText,
        IndexerDeclarationSyntax => "this",
        EventDeclarationSyntax declared => declared.Identifier.ValueText,
        _ => "",
    };

    private static ParameterListSyntax? ParametersOf(SyntaxNode node) => node switch
    {
        BaseMethodDeclarationSyntax method => method.ParameterList,
        LocalFunctionStatementSyntax function => function.ParameterList,
        _ => null,
    };
}
