using System.Collections.Frozen;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Apprentice.Generation;

/// <summary>What generated C# may name: an allow-list of namespaces, types and members, checked on symbols and not on text.</summary>
/// <remarks>
/// It is the first of two walls, and the only one where the system offers no isolation. Pure computation passes: collections, text, numbers, dates,
/// memory streams, locks. Files, network, processes, reflection, environment, native code, threads, <c>dynamic</c>, and what gives another answer
/// each time (clock, unseeded random numbers, new GUIDs) do not.
/// </remarks>
public static class AllowedApi
{
    /// <summary>Namespaces of which every type is allowed, apart from <see cref="s_forbiddenTypes"/>.</summary>
    private static readonly FrozenSet<string> s_namespaces = FrozenSet.Create(
        "System", "System.Collections", "System.Collections.Generic", "System.Collections.Concurrent", "System.Collections.Immutable",
        "System.Collections.Frozen", "System.Collections.ObjectModel", "System.Collections.Specialized", "System.Linq", "System.Text",
        "System.Text.RegularExpressions", "System.Text.Unicode", "System.Globalization", "System.Numerics", "System.Buffers");

    /// <summary>Allowed types of namespaces that are not allowed as a whole.</summary>
    private static readonly FrozenSet<string> s_types = FrozenSet.Create(
        "System.IO.StringReader", "System.IO.StringWriter", "System.IO.TextReader", "System.IO.TextWriter", "System.IO.Path", "System.IO.MemoryStream",
        "System.IO.Stream", "System.IO.SeekOrigin", "System.IO.BinaryReader", "System.IO.BinaryWriter", "System.IO.StreamReader", "System.IO.StreamWriter",
        "System.IO.IOException", "System.IO.EndOfStreamException", "System.IO.InvalidDataException", "System.IO.FileNotFoundException",
        "System.IO.DirectoryNotFoundException", "System.IO.PathTooLongException",
        "System.Threading.Interlocked", "System.Threading.Monitor", "System.Threading.Lock", "System.Threading.Volatile",
        "System.Threading.CancellationToken", "System.Threading.CancellationTokenSource", "System.Threading.CancellationTokenRegistration",
        "System.Threading.SemaphoreSlim", "System.Threading.ReaderWriterLockSlim", "System.Threading.LazyThreadSafetyMode",
        "System.Threading.LockRecursionPolicy", "System.Threading.SynchronizationLockException", "System.Threading.SemaphoreFullException",
        "System.Threading.Tasks.Task", "System.Threading.Tasks.ValueTask", "System.Threading.Tasks.TaskCanceledException",
        "System.Security.Cryptography.SHA256", "System.Security.Cryptography.SHA1", "System.Security.Cryptography.MD5",
        "System.Security.Cryptography.HashAlgorithm",
        "System.Runtime.CompilerServices.MethodImplAttribute", "System.Runtime.CompilerServices.MethodImplOptions",
        "System.Runtime.CompilerServices.ITuple", "System.Runtime.CompilerServices.IsExternalInit",
        "System.Runtime.CompilerServices.CallerMemberNameAttribute", "System.Runtime.CompilerServices.CallerArgumentExpressionAttribute",
        "System.Diagnostics.DebuggerDisplayAttribute", "System.Diagnostics.Debug", "System.Diagnostics.UnreachableException",
        "System.Diagnostics.CodeAnalysis.NotNullWhenAttribute", "System.Diagnostics.CodeAnalysis.NotNullAttribute",
        "System.Diagnostics.CodeAnalysis.MaybeNullWhenAttribute", "System.Diagnostics.CodeAnalysis.MaybeNullAttribute",
        "System.Diagnostics.CodeAnalysis.AllowNullAttribute", "System.Diagnostics.CodeAnalysis.SuppressMessageAttribute",
        "System.ComponentModel.DescriptionAttribute");

    /// <summary>Types of allowed namespaces that are not allowed.</summary>
    private static readonly FrozenSet<string> s_forbiddenTypes = FrozenSet.Create(
        "System.Activator", "System.AppContext", "System.AppDomain", "System.Environment", "System.GC", "System.Console", "System.Type",
        "System.TypedReference", "System.ArgIterator", "System.RuntimeTypeHandle", "System.RuntimeMethodHandle", "System.RuntimeFieldHandle",
        "System.IntPtr", "System.UIntPtr", "System.ModuleHandle", "System.MarshalByRefObject", "System.AppDomainSetup", "System.TimeProvider",
        "System.Buffers.MemoryHandle", "System.Buffers.MemoryManager<T>");

    /// <summary>Members that are allowed although their type is not.</summary>
    private static readonly FrozenSet<string> s_members = FrozenSet.Create(
        "System.Environment.NewLine", "System.Console.Write", "System.Console.WriteLine", "System.Type.Name", "System.Type.FullName",
        "System.Type.Equals", "System.Type.operator ==", "System.Type.operator !=", "System.Type.ToString", "System.Type.GetHashCode", "System.Reflection.MemberInfo.Name",
        "System.Threading.Tasks.Task.CompletedTask", "System.Threading.Tasks.Task.FromResult");

    /// <summary>Members that are not allowed although their type is.</summary>
    private static readonly FrozenSet<string> s_forbiddenMembers = FrozenSet.Create(
        "System.DateTime.Now", "System.DateTime.UtcNow", "System.DateTime.Today", "System.DateTimeOffset.Now", "System.DateTimeOffset.UtcNow",
        "System.Guid.NewGuid", "System.Guid.CreateVersion7", "System.Random.Shared", "System.TimeZoneInfo.Local",
        "System.Delegate.CreateDelegate", "System.Delegate.DynamicInvoke", "System.Delegate.Method", "System.Exception.TargetSite",
        "System.Globalization.CultureInfo.DefaultThreadCurrentCulture", "System.Globalization.CultureInfo.DefaultThreadCurrentUICulture",
        "System.IO.Path.GetTempFileName", "System.IO.Path.GetTempPath", "System.IO.Path.GetFullPath", "System.IO.Path.Exists",
        "System.IO.Path.GetRandomFileName", "System.Threading.Tasks.Task.Run", "System.Threading.Tasks.Task.Start",
        "System.Threading.Tasks.Task.StartNew", "System.Threading.Tasks.Task.Factory", "System.Threading.Tasks.Task.Delay",
        "System.Threading.Tasks.Task.RunSynchronously", "System.Threading.Tasks.Task.ContinueWith", "System.Threading.Tasks.Task.Yield",
        "System.Threading.CancellationTokenSource.CancelAfter", "System.Linq.ParallelEnumerable.AsParallel", "System.Diagnostics.Debug.Fail",
        "System.Diagnostics.Debug.Assert", "System.Text.RegularExpressions.Regex.CompileToAssembly", "System.String.Intern");

    /// <summary>The first thing in the tree of <paramref name="model"/>, from character <paramref name="from"/> on, that is not allowed; null when there is none.</summary>
    internal static (int Start, string Reason)? FirstForbidden(SemanticModel model, int from, CancellationToken cancellationToken)
    {
        foreach (SyntaxNode node in model.SyntaxTree.GetRoot(cancellationToken).DescendantNodes())
        {
            if (node.SpanStart < from && node is not TypeDeclarationSyntax)
            {
                continue;
            }

            if (Reason(node, model, cancellationToken) is { } reason)
            {
                return (node.SpanStart, reason);
            }
        }

        return null;
    }

    private static string? Reason(SyntaxNode node, SemanticModel model, CancellationToken cancellationToken)
    {
        switch (node)
        {
            case UnsafeStatementSyntax or FixedStatementSyntax or PointerTypeSyntax or FunctionPointerTypeSyntax or StackAllocArrayCreationExpressionSyntax { Parent.Parent.Parent: VariableDeclarationSyntax { Type: PointerTypeSyntax } }:
                return "forbidden API: unsafe code";
            case MethodDeclarationSyntax method when method.Modifiers.Any(SyntaxKind.ExternKeyword) || method.Modifiers.Any(SyntaxKind.UnsafeKeyword):
            case LocalFunctionStatementSyntax local when local.Modifiers.Any(SyntaxKind.ExternKeyword) || local.Modifiers.Any(SyntaxKind.UnsafeKeyword):
                return "forbidden API: native or unsafe code";
            case DestructorDeclarationSyntax:
                return "forbidden API: a finalizer";
            case MakeRefExpressionSyntax or RefValueExpressionSyntax or RefTypeExpressionSyntax:
                return "forbidden API: typed references";
        }

        if (node is not (SimpleNameSyntax or ObjectCreationExpressionSyntax or ImplicitObjectCreationExpressionSyntax or ElementAccessExpressionSyntax or ConstructorInitializerSyntax or PrimaryConstructorBaseTypeSyntax or AttributeSyntax))
        {
            return null;
        }

        SymbolInfo info = model.GetSymbolInfo(node, cancellationToken);
        ISymbol? symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
        if (symbol is null && node is SimpleNameSyntax name)
        {
            symbol = model.GetTypeInfo(name, cancellationToken).Type;
        }

        return symbol is null ? null : Reason(symbol);
    }

    private static string? Reason(ISymbol symbol)
    {
        switch (symbol)
        {
            case IDynamicTypeSymbol:
                return "forbidden API: dynamic";
            case IArrayTypeSymbol array:
                return Reason(array.ElementType);
            case IAliasSymbol alias:
                return Reason(alias.Target);
            case INamespaceSymbol or ITypeParameterSymbol or ILabelSymbol or IRangeVariableSymbol or IDiscardSymbol or IPreprocessingSymbol:
                return null;
            case IParameterSymbol parameter:
                return parameter.Type is IDynamicTypeSymbol ? "forbidden API: dynamic" : null;
            case ILocalSymbol local:
                return ReasonOfValue(local.Type);
        }

        if (symbol.Locations is [{ IsInSource: true }, ..])
        {
            return null;
        }

        if (symbol is INamedTypeSymbol type)
        {
            // The name of a type whose members are forbidden may be written: `Type t`, `Environment.NewLine`, a `nint`.
            return AllowsType(type) || s_forbiddenTypes.Contains(FullName(type)) ? null : $"forbidden API: {FullName(type)}";
        }

        if (symbol.ContainingType is not { } owner)
        {
            return null;
        }

        string member = $"{FullName(owner)}.{MemberName(symbol)}";
        if (s_members.Contains(member))
        {
            return null;
        }

        bool constructor = symbol is IMethodSymbol { MethodKind: MethodKind.Constructor };
        if (s_forbiddenMembers.Contains(member) || s_forbiddenTypes.Contains(FullName(owner)) || !AllowsType(owner))
        {
            return $"forbidden API: {(constructor ? FullName(owner) : member)}";
        }

        IMethodSymbol? made = constructor ? (IMethodSymbol)symbol : null;
        if (made is { Parameters.Length: 0 } && FullName(owner) == "System.Random")
        {
            return "forbidden API: System.Random without a seed";
        }

        if (made is { Parameters: [{ Type.SpecialType: SpecialType.System_String }, ..] } && FullName(owner) is "System.IO.StreamReader" or "System.IO.StreamWriter"
            && made!.Parameters[0].Type.SpecialType == SpecialType.System_String)
        {
            return $"forbidden API: {FullName(owner)} over a file";
        }

        if (made is not null && FullName(owner) == "System.Threading.CancellationTokenSource" && made.Parameters.Length > 0)
        {
            return "forbidden API: a timer of System.Threading.CancellationTokenSource";
        }

        ITypeSymbol? value = symbol switch
        {
            IMethodSymbol method => method.ReturnType,
            IPropertySymbol property => property.Type,
            IFieldSymbol field => field.Type,
            _ => null,
        };
        return value is null ? null : ReasonOfValue(value);
    }

    // A value may be held without naming its type (`var m = f.Method`).
    private static string? ReasonOfValue(ITypeSymbol type) => type switch
    {
        IDynamicTypeSymbol => "forbidden API: dynamic",
        IPointerTypeSymbol or IFunctionPointerTypeSymbol => "forbidden API: unsafe code",
        INamedTypeSymbol { ContainingNamespace: { } space } named when IsReflection(space) => $"forbidden API: {FullName(named)}",
        _ => null,
    };

    private static bool IsReflection(INamespaceSymbol space)
    {
        string name = space.ToDisplayString();
        return name is "System.Reflection" or "System.Diagnostics" or "System.Net" or "System.Runtime.InteropServices"
            || name.StartsWith("System.Reflection.", StringComparison.Ordinal)
            || name.StartsWith("System.Net.", StringComparison.Ordinal);
    }

    private static bool AllowsType(INamedTypeSymbol type)
    {
        if (type.IsTupleType || type.IsAnonymousType || type.TypeKind == TypeKind.Error)
        {
            return true;
        }

        string full = FullName(type);
        if (s_forbiddenTypes.Contains(full))
        {
            return false;
        }

        INamedTypeSymbol outermost = type;
        while (outermost.ContainingType is { } outer)
        {
            outermost = outer;
        }

        return s_types.Contains(FullName(outermost.OriginalDefinition).Split('<')[0]) || s_namespaces.Contains(outermost.ContainingNamespace.ToDisplayString());
    }

    private static string FullName(INamedTypeSymbol type)
    {
        INamedTypeSymbol definition = type.OriginalDefinition;
        string inner = definition.Arity == 0 ? definition.Name : $"{definition.Name}<{string.Join(", ", definition.TypeParameters.Select(p => p.Name))}>";
        return definition.ContainingType is { } outer
            ? $"{FullName(outer)}.{inner}"
            : definition.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{inner}" : inner;
    }

    private static string MemberName(ISymbol symbol) => symbol switch
    {
        IMethodSymbol { MethodKind: MethodKind.UserDefinedOperator, Name: "op_Equality" } => "operator ==",
        IMethodSymbol { MethodKind: MethodKind.UserDefinedOperator, Name: "op_Inequality" } => "operator !=",
        IMethodSymbol { AssociatedSymbol: { } property } => property.Name,
        _ => symbol.Name,
    };
}
