using System.Text.RegularExpressions;
using Apprentice.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Apprentice.Workspace.Tests;

/// <summary>What the documents name exists: types, files and links; and the example of the README compiles.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string s_root = SharedFiles.Repository;

    private static readonly Lazy<Dictionary<string, string>> s_sources = new(() => Directory
        .EnumerateFiles(Path.Combine(s_root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !path.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .ToDictionary(path => path, File.ReadAllText));

    private static readonly Lazy<HashSet<string>> s_types = new(() =>
        [.. s_sources.Value.Values.SelectMany(text => TypeDeclaration().Matches(text)).Select(match => match.Groups[1].Value), "IChatClient"]);

    [Fact]
    public void Architecture_EveryName_Exists()
    {
        string text = Fence().Replace(File.ReadAllText(Path.Combine(s_root, "ARCHITECTURE.md")), "");
        string[] names = [.. Span().Matches(text).Select(match => match.Groups[1].Value).Distinct()];
        Assert.True(names.Length > 100, $"only {names.Length} names were found");
        Assert.Equal([], names.Where(name => !Exists(name)));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("CHANGELOG.md")]
    [InlineData("samples/README.md")]
    [InlineData("docs/method.md")]
    [InlineData("docs/recipes.md")]
    [InlineData("docs/pretrain.md")]
    [InlineData("docs/results/README.md")]
    public void Document_EveryRelativeLink_Exists(string document)
    {
        string folder = Path.GetDirectoryName(Path.Combine(s_root, document))!;
        string text = File.ReadAllText(Path.Combine(s_root, document));
        Assert.Equal([], Link().Matches(text).Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !PathExists(Path.Combine(folder, target.Split('#')[0]))));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    public void Document_EveryPathOfTheRepository_Exists(string document)
    {
        string text = File.ReadAllText(Path.Combine(s_root, document));
        Assert.Equal([], RepositoryPath().Matches(text).Select(match => match.Groups[1].Value.TrimEnd('.', '/', ','))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("NAME", StringComparison.Ordinal) && !PathExists(Path.Combine(s_root, path))));
    }

    [Fact]
    public void Readme_Example_Compiles()
    {
        string block = Regex.Match(File.ReadAllText(Path.Combine(s_root, "README.md")), "```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        Assert.NotEqual("", block);
        string usings = "using System; using System.Collections.Generic; using System.IO; using System.Linq;\n";
        MetadataReference[] references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))];
        CSharpCompilation compilation = CSharpCompilation.Create(
            "readme", [CSharpSyntaxTree.ParseText(usings + block, new CSharpParseOptions(LanguageVersion.Preview), cancellationToken: TestContext.Current.CancellationToken)], references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        Assert.Equal([], compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(problem => problem.Severity >= DiagnosticSeverity.Warning).Select(problem => problem.ToString()));
    }

    /// <summary>A project, a type, a member of a type, a path of the repository, a source file, or a file that the program writes under that name.</summary>
    private static bool Exists(string name)
    {
        if (PathExists(Path.Combine(s_root, "src", "Apprentice." + name)) || s_types.Value.Contains(name) || PathExists(Path.Combine(s_root, name)))
        {
            return true;
        }

        if (Member().Match(name) is { Success: true } member && s_types.Value.Contains(member.Groups[1].Value))
        {
            Regex type = new($@"(?:class|record|struct|interface|enum) {member.Groups[1].Value}\b");
            return s_sources.Value.Values.Any(text => type.IsMatch(text) && Regex.IsMatch(text, $@"\b{member.Groups[2].Value}\b"));
        }

        return s_sources.Value.Keys.Any(path => Path.GetFileName(path) == name)
            || s_sources.Value.Values.Any(text => text.Contains($"\"{name}\"", StringComparison.Ordinal));
    }

    private static bool PathExists(string path) => File.Exists(path) || Directory.Exists(path);

    [GeneratedRegex(@"\b(?:class|record struct|record|struct|interface|enum) ([A-Z]\w*)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^([A-Z]\w*)\.([A-Z]\w*)$")]
    private static partial Regex Member();

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<![\w/.-])((?:src|tests|docs|samples|models|benchmarks|recipes)/[\w./-]+)")]
    private static partial Regex RepositoryPath();
}
