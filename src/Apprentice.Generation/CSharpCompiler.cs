using System.Collections.Immutable;
using Apprentice.Code;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Apprentice.Generation;

/// <summary>Where compilation stopped.</summary>
public enum CompilationProblem
{
    /// <summary>It did not stop: there is an assembly.</summary>
    None,

    /// <summary>The code is not C#, or does not stay inside the class it is put into.</summary>
    Syntax,

    /// <summary>The code does not compile.</summary>
    Code,

    /// <summary>The code uses something outside the allow-list; see <see cref="AllowedApi"/>.</summary>
    ForbiddenApi,

    /// <summary>The code compiles, the tests against it do not: it has another name or signature than the tests call.</summary>
    Signature,
}

/// <summary>What became of one piece of code and its tests.</summary>
/// <param name="Problem">Where compilation stopped, or <see cref="CompilationProblem.None"/>.</param>
/// <param name="Message">The first error with its line in the code, or null.</param>
/// <param name="Assembly">The assembly with <c>Subject</c> and <c>Tests</c>; null when there is a problem or no tests were given.</param>
public sealed record CompiledCode(CompilationProblem Problem, string? Message, byte[]? Assembly);

/// <summary>Compiles a C# function in the wrapper of the samples, alone or with its tests, without ever loading the result.</summary>
/// <remarks>
/// The wrapper gives the usings that samples may rely on and puts the code into <c>public static class Subject</c>; tests become the body of
/// <c>Tests.Run()</c>. References are the assemblies in the running runtime's own folder, nothing of this application. Thread-safe.
/// </remarks>
public sealed class CSharpCompiler
{
    /// <summary>Longest code that is compiled, in UTF-16 units: 64 Ki, some hundred times a function.</summary>
    public const int LongestCode = 1 << 16;

    private const string Usings =
        "using System; using System.Collections.Generic; using System.Globalization; using System.IO; using System.Linq; "
        + "using System.Text; using System.Text.RegularExpressions; using System.Threading;\n";

    private const string SubjectHead = Usings + "public static class Subject {\n";

    /// <summary>Lines of the wrapper before the code.</summary>
    private const int SubjectHeadLines = 2;

    private const string TestsHead = Usings + "using static Subject;\npublic static class Tests { public static void Run() {\n";

    private const int TestsHeadLines = 3;

    private static readonly CSharpParseOptions s_parseOptions = new(LanguageVersion.Latest, DocumentationMode.None);

    private readonly CSharpCompilation _subjects;
    private readonly CSharpCompilation _tests;
    private readonly bool _refuseForbidden;

    private static readonly Lazy<(byte[] Assembly, MetadataReference Reference)> s_check = new(CompileCheck);

    /// <summary>The compiler that checks the allow-list, shared.</summary>
    public static CSharpCompiler Default => s_default.Value;

    private static readonly Lazy<CSharpCompiler> s_default = new(() => new CSharpCompiler(refuseForbidden: true));

    /// <summary>Prepares the references.</summary>
    /// <param name="refuseForbidden">False leaves the allow-list out, for tests of the isolation behind it.</param>
    internal CSharpCompiler(bool refuseForbidden)
    {
        _refuseForbidden = refuseForbidden;
        CSharpCompilationOptions options = new(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            generalDiagnosticOption: ReportDiagnostic.Suppress,
            concurrentBuild: false,
            deterministic: true,
            nullableContextOptions: NullableContextOptions.Annotations);
        _subjects = CSharpCompilation.Create("Candidate", references: RuntimeReferences(), options: options);
        _tests = _subjects.AddReferences(s_check.Value.Reference);
    }

    /// <summary>The assembly with the <c>Check</c> class, compiled once; a worker loads it before the first candidate.</summary>
    internal static byte[] CheckAssembly => s_check.Value.Assembly;

    /// <summary>Compiles <paramref name="code"/> alone, to know whether a compiler would take it.</summary>
    /// <param name="code">One or more static methods.</param>
    /// <param name="cancellationToken">Stops the compilation.</param>
    public CompiledCode Compile(string code, CancellationToken cancellationToken = default)
    {
        if (ParseSubject(code, out SyntaxTree? tree) is { } refused)
        {
            return refused;
        }

        CSharpCompilation compilation = _subjects.AddSyntaxTrees(tree!);
        if (Forbidden(compilation, tree!, cancellationToken) is { } forbidden)
        {
            return forbidden;
        }

        Diagnostic? error = compilation.GetDiagnostics(cancellationToken).FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error);
        return error is null
            ? new CompiledCode(CompilationProblem.None, null, null)
            : new CompiledCode(CompilationProblem.Code, $"line {Line(error, SubjectHeadLines)}: {Text(error)}", null);
    }

    /// <summary>Compiles <paramref name="code"/> with <paramref name="tests"/> into one assembly.</summary>
    /// <param name="code">One or more static methods.</param>
    /// <param name="tests">Statements that call them and <c>Check</c>.</param>
    /// <param name="cancellationToken">Stops the compilation.</param>
    public CompiledCode Compile(string code, string tests, CancellationToken cancellationToken = default)
    {
        if (ParseSubject(code, out SyntaxTree? tree) is { } refused)
        {
            return refused;
        }

        SyntaxTree testTree = CSharpSyntaxTree.ParseText(TestsHead + tests + "\n} }\n", s_parseOptions, "Tests.cs", cancellationToken: cancellationToken);
        CSharpCompilation compilation = _tests.AddSyntaxTrees(tree!, testTree);
        if (Forbidden(compilation, tree!, cancellationToken) is { } forbidden)
        {
            return forbidden;
        }

        using MemoryStream assembly = new();
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(assembly, cancellationToken: cancellationToken);
        if (result.Success)
        {
            return new CompiledCode(CompilationProblem.None, null, assembly.ToArray());
        }

        // An error in the code itself goes before one in the tests.
        Diagnostic[] errors = [.. result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)];
        Diagnostic first = errors.FirstOrDefault(d => d.Location.SourceTree == tree) ?? errors[0];
        return first.Location.SourceTree == testTree
            ? new CompiledCode(CompilationProblem.Signature, $"tests line {Line(first, TestsHeadLines)}: {Text(first)}", null)
            : new CompiledCode(CompilationProblem.Code, $"line {Line(first, SubjectHeadLines)}: {Text(first)}", null);
    }

    private static CompiledCode? ParseSubject(string code, out SyntaxTree? tree)
    {
        tree = null;
        if (code.Length > LongestCode)
        {
            return new CompiledCode(CompilationProblem.Syntax, $"{code.Length:N0} characters; at most {LongestCode:N0} are compiled", null);
        }

        if (Nesting.IsTooDeep(code))
        {
            return new CompiledCode(CompilationProblem.Syntax, $"brackets lie deeper than {Nesting.Deepest} levels", null);
        }

        SyntaxTree parsed = CSharpSyntaxTree.ParseText(SubjectHead + code + "\n}\n", s_parseOptions, "Subject.cs");
        CompilationUnitSyntax root = parsed.GetCompilationUnitRoot();
        foreach (Diagnostic diagnostic in parsed.GetDiagnostics())
        {
            if (diagnostic.Severity == DiagnosticSeverity.Error)
            {
                return new CompiledCode(CompilationProblem.Syntax, $"line {Line(diagnostic, SubjectHeadLines)}: {Text(diagnostic)}", null);
            }
        }

        // Code that closes the class and opens another would step out of the wrapper.
        if (root.Members is not [ClassDeclarationSyntax subject] || root.AttributeLists.Count > 0)
        {
            return new CompiledCode(CompilationProblem.Syntax, "the code does not stay inside the class it is put into", null);
        }

        if (!subject.Members.Any(m => m is MethodDeclarationSyntax))
        {
            return new CompiledCode(CompilationProblem.Syntax, "there is no method", null);
        }

        // Directives could suppress errors or pull in files.
        if (root.ContainsDirectives)
        {
            return new CompiledCode(CompilationProblem.Syntax, "preprocessor directives are not taken", null);
        }

        tree = parsed;
        return null;
    }

    // Looked for before compile errors: of two reasons it is the more useful one.
    private CompiledCode? Forbidden(CSharpCompilation compilation, SyntaxTree tree, CancellationToken cancellationToken)
    {
        if (!_refuseForbidden || AllowedApi.FirstForbidden(compilation.GetSemanticModel(tree), SubjectHead.Length, cancellationToken) is not { } forbidden)
        {
            return null;
        }

        int line = tree.GetText(cancellationToken).Lines.GetLinePosition(forbidden.Start).Line + 1 - SubjectHeadLines;
        return new CompiledCode(CompilationProblem.ForbiddenApi, $"line {line}: {forbidden.Reason}", null);
    }

    private static (byte[] Assembly, MetadataReference Reference) CompileCheck()
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Check",
            [CSharpSyntaxTree.ParseText(EmbeddedText.Read("Check.txt"), s_parseOptions, "Check.cs")],
            RuntimeReferences(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, deterministic: true));
        using MemoryStream assembly = new();
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(assembly);
        return result.Success
            ? (assembly.ToArray(), MetadataReference.CreateFromImage(assembly.ToArray()))
            : throw new InvalidOperationException($"Check.txt does not compile: {result.Diagnostics.First(d => d.Severity == DiagnosticSeverity.Error)}");
    }

    private static int Line(Diagnostic diagnostic, int headLines) =>
        Math.Max(1, diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1 - headLines);

    private static string Text(Diagnostic diagnostic) =>
        $"{diagnostic.Id} {diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}";

    private static ImmutableArray<MetadataReference> RuntimeReferences()
    {
        string folder = Path.GetDirectoryName(typeof(object).Assembly.Location)
            ?? throw new InvalidOperationException("The runtime's own folder is unknown: code cannot be compiled in a single-file bundle.");
        string listed = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        IEnumerable<string> paths = listed.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(path => string.Equals(Path.GetDirectoryName(path), folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        return [.. paths.Select(path => MetadataReference.CreateFromFile(path))];
    }
}
