namespace Apprentice.Compute;

/// <summary>Softmax of each row: exp(x) / Σ exp(x).</summary>
public static unsafe partial class Softmax
{
    /// <summary>Replaces every row by its softmax.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Rows, shape [rows, width]; changed in place.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    public static void RowsInPlace(Workers workers, float* x, int rows, int width) => Reference(x, rows, width);

    /// <summary>The definition.</summary>
    internal static void Reference(float* x, int rows, int width)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> line = new(x + ((long)row * width), width);

            // The largest value is subtracted so that no exponential overflows.
            float largest = float.NegativeInfinity;
            foreach (float value in line)
            {
                largest = Math.Max(largest, value);
            }

            double sum = 0;
            foreach (float value in line)
            {
                sum += Math.Exp((double)value - largest);
            }

            foreach (ref float value in line)
            {
                value = (float)(Math.Exp((double)value - largest) / sum);
            }
        }
    }
}
