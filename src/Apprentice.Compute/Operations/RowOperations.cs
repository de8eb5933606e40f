using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Operations that pick, pool and join rows: gather, mean over ranges, side-by-side joining, unit length.</summary>
/// <remarks>They run over few rows (lines, functions), so they are plain loops in one order.</remarks>
public static unsafe class RowOperations
{
    /// <summary>Rows picked by number; a row may be picked several times.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">[rows, width].</param>
    /// <param name="rows">Numbers of the rows wanted.</param>
    /// <returns>[rows wanted, width].</returns>
    public static Tensor GatherRows(this Tape tape, Tensor x, int[] rows)
    {
        Tensor y = tape.Allocate(rows.Length, x.Columns, x.RequiresGradient);
        for (int i = 0; i < rows.Length; i++)
        {
            x.Row(rows[i]).CopyTo(y.Row(i));
        }

        if (y.RequiresGradient)
        {
            tape.Record(new Backwards(t =>
            {
                float* gradient = t.AccumulatedGradientOf(x);
                for (int i = 0; i < rows.Length; i++)
                {
                    AddScaled(y.Gradient + ((long)i * y.Columns), 1, gradient + ((long)rows[i] * y.Columns), y.Columns);
                }
            }, y));
        }

        return y;
    }

    /// <summary>Mean of the rows of each range; an empty range gives zeros.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">[rows, width].</param>
    /// <param name="ranges">First row and end row (exclusive) of each range; ranges may overlap.</param>
    /// <returns>[ranges, width].</returns>
    public static Tensor MeanRows(this Tape tape, Tensor x, (int Start, int End)[] ranges)
    {
        Tensor y = tape.Allocate(ranges.Length, x.Columns, x.RequiresGradient);
        y.Span.Clear();
        for (int r = 0; r < ranges.Length; r++)
        {
            (int start, int end) = ranges[r];
            if (start < 0 || end > x.Rows || start > end)
            {
                throw new ArgumentException($"MeanRows: range [{start}, {end}) is outside {x}.");
            }

            for (int i = start; i < end; i++)
            {
                AddScaled(x.Data + ((long)i * x.Columns), 1f / (end - start), y.Data + ((long)r * x.Columns), x.Columns);
            }
        }

        if (y.RequiresGradient)
        {
            tape.Record(new Backwards(t =>
            {
                float* gradient = t.AccumulatedGradientOf(x);
                for (int r = 0; r < ranges.Length; r++)
                {
                    for (int i = ranges[r].Start; i < ranges[r].End; i++)
                    {
                        AddScaled(y.Gradient + ((long)r * x.Columns), 1f / (ranges[r].End - ranges[r].Start), gradient + ((long)i * x.Columns), x.Columns);
                    }
                }
            }, y));
        }

        return y;
    }

    /// <summary>Matrices with equal rows side by side.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="parts">Each [rows, any width].</param>
    /// <returns>[rows, sum of widths].</returns>
    public static Tensor JoinColumns(this Tape tape, params Tensor[] parts)
    {
        int rows = parts[0].Rows;
        if (Array.Exists(parts, part => part.Rows != rows))
        {
            throw new ArgumentException($"JoinColumns: {string.Join(", ", parts.Select(part => part.ToString()))}: row counts differ.");
        }

        Tensor y = tape.Allocate(rows, parts.Sum(part => part.Columns), Array.Exists(parts, part => part.RequiresGradient));
        for (int i = 0; i < rows; i++)
        {
            Span<float> row = y.Row(i);
            foreach (Tensor part in parts)
            {
                part.Row(i).CopyTo(row);
                row = row[part.Columns..];
            }
        }

        if (y.RequiresGradient)
        {
            tape.Record(new Backwards(t =>
            {
                int column = 0;
                foreach (Tensor part in parts)
                {
                    if (part.RequiresGradient)
                    {
                        float* gradient = t.AccumulatedGradientOf(part);
                        for (int i = 0; i < rows; i++)
                        {
                            AddScaled(y.Gradient + ((long)i * y.Columns) + column, 1, gradient + ((long)i * part.Columns), part.Columns);
                        }
                    }

                    column += part.Columns;
                }
            }, y));
        }

        return y;
    }

    /// <summary>Every row divided by its Euclidean length (at least 1e-12, so a row of zeros stays zeros).</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">[rows, width].</param>
    public static Tensor UnitRows(this Tape tape, Tensor x)
    {
        const float Smallest = 1e-12f;
        Tensor y = tape.Allocate(x.Rows, x.Columns, x.RequiresGradient);
        float[] lengths = new float[x.Rows];
        for (int i = 0; i < x.Rows; i++)
        {
            lengths[i] = MathF.Max((float)Math.Sqrt(Dot(x.Data + ((long)i * x.Columns), x.Data + ((long)i * x.Columns), x.Columns)), Smallest);
            for (int c = 0; c < x.Columns; c++)
            {
                y.Data[((long)i * x.Columns) + c] = x.Data[((long)i * x.Columns) + c] / lengths[i];
            }
        }

        if (y.RequiresGradient)
        {
            tape.Record(new Backwards(t =>
            {
                float* gradient = t.AccumulatedGradientOf(x);
                for (int i = 0; i < x.Rows; i++)
                {
                    // d(x/|x|) = (dy − y (y·dy)) / |x|.
                    float* outputGradient = y.Gradient + ((long)i * x.Columns);
                    float* unit = y.Data + ((long)i * x.Columns);
                    float along = (float)Dot(outputGradient, unit, x.Columns);
                    for (int c = 0; c < x.Columns; c++)
                    {
                        gradient[((long)i * x.Columns) + c] += (outputGradient[c] - (unit[c] * along)) / lengths[i];
                    }
                }
            }, y));
        }

        return y;
    }

    /// <summary>a · b; sums of 1024 products in float32, joined in double precision.</summary>
    internal static double Dot(float* a, float* b, int count) => Simd.Level switch
    {
        SimdLevel.Vector512 => Dot<Lanes512>(a, b, count),
        SimdLevel.Vector256 => Dot<Lanes256>(a, b, count),
        SimdLevel.Vector128 => Dot<Lanes128>(a, b, count),
        _ => Dot<LanesScalar>(a, b, count),
    };

    /// <summary>to += scale · from.</summary>
    internal static void AddScaled(float* from, float scale, float* to, int count)
    {
        switch (Simd.Level)
        {
            case SimdLevel.Vector512:
                AddScaled<Lanes512>(from, scale, to, count);
                break;
            case SimdLevel.Vector256:
                AddScaled<Lanes256>(from, scale, to, count);
                break;
            case SimdLevel.Vector128:
                AddScaled<Lanes128>(from, scale, to, count);
                break;
            default:
                AddScaled<LanesScalar>(from, scale, to, count);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AddScaled<L>(float* from, float scale, float* to, int count)
        where L : struct, ILanes<L>
    {
        int i = 0;
        for (; i + L.Count <= count; i += L.Count)
        {
            L.Store(L.MultiplyAdd(L.Load(from + i), L.Of(scale), L.Load(to + i)), to + i);
        }

        for (; i < count; i++)
        {
            to[i] += scale * from[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Dot<L>(float* a, float* b, int count)
        where L : struct, ILanes<L>
    {
        double sum = 0;
        int i = 0;
        while (i + L.Count <= count)
        {
            L sums = L.Of(0);
            int end = Math.Min(count, i + 1024);
            for (; i + L.Count <= end; i += L.Count)
            {
                sums = L.MultiplyAdd(L.Load(a + i), L.Load(b + i), sums);
            }

            sum += L.Sum(sums);
        }

        for (; i < count; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }

    /// <summary>A backward pass given as a function; skipped when no gradient reached the output.</summary>
    internal sealed class Backwards(Action<Tape> backward, Tensor output) : Operation
    {
        public override void Backward(Tape tape)
        {
            if (output.Gradient is not null)
            {
                backward(tape);
            }
        }
    }
}
